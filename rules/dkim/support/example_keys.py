"""Keys for the examples of the rules: their private halves are published, or were thrown away."""

from __future__ import annotations

RSA_2048 = (
    "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAwZJ15a1G4lLutC7WPvftpF9Bd6Xi7Ns0GeLt0XGQnvRf"
    "TBarCIof9ZtyufZ0IXaEMKRbfdQ4psBQwIJkhZFEyHI8P4248elKH/M8grcv+LROL77zuRD/z+dTX9IBzxeSOnhE"
    "zirde2XZ/WNLguwgi+CBJfUJK4JnilD3Sa9jFj0e7ld3VY4fY49aHeVNEU6TCOF4ABgE5eapu9/+Z7ZgppOWwGLl"
    "Iq9rOHp7uDE1IPd1sKFHG4FG60t30Mfy9sjmafhOVR46ZMDVOS3G2fdoivvbaSQOD4vE7LnPOmR3TvwjtnKTdNoN"
    "2efkxRpCH0rcqUjb4CSAY2AZ2//8xQSchwIDAQAB"
)
"""RSA, 2048 bits."""

RSA_2048_NEXT = (
    "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAlri8h6l0BsdUaEMeEpS4HGQ93y1Nq+nqhX7IG4ORSt1O"
    "h+3vzD7G2QTNNV0K5xJViGRDcbutRuURoZTV6On8ti9TZ03rqVl5EbwLmu7zh6UxGTJFj6bI5NqIhS+KM7ydK1uS"
    "TqgPRGZYuL3ilRovfBNHBxgUH0nt2f3P5+d56eKcVxoLgyFghiK8iv9ZP9Gc9vZ46dq0g62EDXqp5+bHf9jNf0Yx"
    "vvauo/Fk9vBpkM4eAfFUuBN4s7H0pk3d9FYMCJ+faLZGUySUPdpAHEEeEhWuexECx82bUL6Kj5XCf56B5UUbnctU"
    "VtxeiJZS+rGj96ZfgUS+JXpwND5HcRsM6QIDAQAB"
)
"""RSA, 2048 bits, another one."""

RSA_1024 = (
    "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDwIRP/UC3SBsEmGqZ9ZJW3/DkMoGeLnQg1fWn7/zYtIxN2SnFC"
    "jxOCKG9v3b4jYfcTNh5ijSsq631uBItLa7od+v/RtdC2UzJ1lWT947qR+Rcac2gbto/NMqJ0fzfVjH4OuKhitdY9"
    "tf6mcwGjaNBcWToIMmPSPDdQPNUYckcQ2QIDAQAB"
)
"""RSA, 1024 bits: the key of RFC 6376 §C.2."""

RSA_512 = (
    "MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAOqbk7F8xiFRp8r+86qHJUrnv95U2jw3O7SiCqValRzsJ4KOFvZ5Sn4j"
    "ybQ+jLLnbVaWhRITTnlUBMoNZ8s1T+8CAwEAAQ=="
)
"""RSA, 512 bits."""

ED25519 = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
"""Ed25519: the key of RFC 8463 §A.2."""

RSA_4096 = (
    "MIICIjANBgkqhkiG9w0BAQEFAAOCAg8AMIICCgKCAgEArCsjQc8sJVmZXm/YcTREXpjx//R5wvR0CFr/WwqG3ny2"
    "34FDyJUQDscId81SPALwsGz7W1KLrh37FyjRmYq5fqlSoNRCVIhq5jIY8UiiZbEhx7Jp8rgGz+d0pKzLSZymBNzS"
    "X0n57kBCSyhYDIbDqNZML6F5gDM3a8VgrzR2hT2MWP9D3iWeY/a8mC27TXTyUeAlf3CAH8akuUdqSx4zC2UhbC0t"
    "aHgL/uo2KS4pA/yDEm34AAmL1WHMVuXjATeopcxuGE1Lo7f3aFQgGfbcgd2EzV6dlxkhx/ySNNABsYeAc/d0ve4w"
    "33MdANn0yr7h3QFsa6rPPhxO+sBeZEUnUnozh+TFaZAH5VkSmGDlPbedJg6lsyUSLBaiY0FenZWyExV9Gq1yKICY"
    "kp0hpjmtYeUZuKfWFik0ZYbwdNoDgJP031oaqCN78ijV9blnBA+JC+jbswP+8dNiLKfF5ZcNQU8N3ocWysjTaCSr"
    "SXmg5eRgTqGFAovycxEsDwrqyeid2lBrd3yFfQirTqZnpraoQkuP0425c7GSRqUXLUmr2OPJm6riDHbbXEUW+Dna"
    "HD8JPrEcBuu6pRDXvUAFV3KXmZqEE38XYJ9zII4PFtp1DyEzl0mBa6KMdFBUeGKX1jAUqKCr98AAi3Lvsqy5+Tqq"
    "deJoYQ7P/TGfFC/m4KqQIjECAwEAAQ=="
)
"""RSA, 4096 bits: of the form of a key, with a number that nobody chose as a modulus."""

RSA_8192 = (
    "MIIEIjANBgkqhkiG9w0BAQEFAAOCBA8AMIIECgKCBAEA19mqoMpLcyk7qeJpcSMcob6uTp0K3bgffamAHY/nZqS4"
    "aZV5ewqTzQIL0EJ7ImGYIQj18lnojNRLBEGXNZmkqyGEiZEwHoGPqzogTfTqsffb5xKe/gFODGXQ61I086RcD8vq"
    "yZcCcGqtuarOWnr3LnHjA9te+jcMWtEt/biG9RZ2V7H5wjGAvcmOD6BbG+34T54wCR8STjWiasySyPvBXBNTQADX"
    "j82ZuqBsfpuiOfRw12ed+Ar54A129iTuaDC81fRt77LXsv43f2H+EggjEu9dfui1GhQbBV8Z7uuNb8qDU44iHosr"
    "98ptL83UkStRZkwg7L1X5qnC10jIcbBl9XwPbIFfcQe9ntIKQfoZnQupT5GIvpRsW8Ts8DswugKKr/sd0uDArk4g"
    "7tQx2pOTjd/ULN/T/vToq/S5Se8iFBC90tlcjBqkS+4VoHnf9GOTmpnZfJbiXKAR9STBzkB5GqFriwhsJ6ehO6Fe"
    "dgbzVLAOEuAIJeMNQ+ZwkAYnDvN+PiWr04pzZzeX+pnQlDfbo5fpF/DqkBFBrKWY7YYR/SVcfD5MFVKTd+AFP+/I"
    "D5Xf7Onpqk8uPSlenhhqTgTzMM6AXfIAatPTwuNXg1FHBDT6q3t0QtPm6D3XiSMLSV21sVSer6bn2Be9npF0k8Sz"
    "qvZqnnG6K2e1s9t37CMbMJWEwJa5zLhs4mv6t/tqI6HBYxdCgNcMbeYNxx7TMJLxZ1EHhhqWnTe3Qt8hSi/wEiQ+"
    "J//jvWVUWLyPULi2dyBQeI23e7vASK15RDU79XgMLrWk8Zt/zK5Z5uFG5S8SBXyneMQErsYxeyaCJWQFNojsI9bg"
    "vzcZlDpOYUiWvABGEEj1c6ejYZJjYvqX48ZV53R3gZxCZ3l3cZz05oY1CN2zAWvOmVjprLhJT6prSJvItw63qw0f"
    "Wv1Bc4VlVl3Le1UyCDDwQKaRmz4FaDDqmENMzDGylSm2ycrPlHIojUSa/zaP7e4jaoA0A1QTEmP4uCDiSk5FJjgq"
    "frgSua4x4PbWASrmOOaFmE+yHyLSw62Xa7AEAhMSEgn8CFxg/BVdKekkprSMFfVx9AkX0JVdnXIXHjgEDf1B8pbx"
    "q9h3xlh0/IGITBcxsjtxw1ji59lzzs5MlFfbfNGGdPlxakQG9uPhmMn5BTyv6zNYojqAmXOTF9d5xpKi54N6LFGP"
    "rF/Rjm5KVkCtjNh5feSoL5g/Q0jSWWObPGLriSfCHHjsNDUMJnwtWDgd+HmBVwhAryxdQPwW5zOvRekIQcuNocD+"
    "6yeB4Id3MNxICydA5nvDKiP0nFKd12NAnMLhvDt7j8/kLen/h3GeYKfpWWqA1UhoWMNxuM7SSdqhfppMxmo6iBhi"
    "WwIDAQAB"
)
"""RSA, 8192 bits, likewise."""
