from pathlib import Path
from pulumi_policy import PolicyPack
from zonelint.providers.pulumi import policies

PolicyPack("zonelint", policies(Path(__file__).with_name("zonelint.toml")))
