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
