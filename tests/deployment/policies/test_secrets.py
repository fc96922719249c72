"""Planted secrets are found, and what only looks like one is left alone."""

import pytest

from barque.deployment.policies.secrets import looks_random, secrets_of

AWS = "AKIA" + "Q3EGXVTJ7Z5KPLMN"
CANARIES = {
    f'key: "{AWS}"': "a key of AWS",
    "-----BEGIN RSA " + "PRIVATE KEY-----": "a private key",
    "x: ghp_" + "aB3" * 12: "a token of GitHub",
    "xoxb-" + "123456789012-abcdef": "a token of Slack",
    "sk_live_" + "4eC39HqLyjWDarjtT1": "a key of Stripe",
    "postgres://barque:" + "hunter22@database/barque": "a password in an address",
    'password = "' + 'q8Zr2LmX0vTs7KpYw4Nd"': "a value for password",
    "API_TOKEN=" + "9f8e7d6c5b4aKqWzXy12": "a value for API_TOKEN",
}


@pytest.mark.parametrize("line", CANARIES)
def test_a_planted_secret_is_found(line: str) -> None:
    assert (2, CANARIES[line]) in list(secrets_of(f"first\n{line}\n"))


@pytest.mark.parametrize(
    "line",
    [
        "password_file: /run/secrets/database",
        "digest: sha256:" + "0123456789abcdef" * 4,
        "secret_name = barque-prod/database/administrator",
        "secretKeyRef: {name: database, key: password}",
        "token = var.token",
        "token: token-value-9f8e7d6c5b",
        "postgres://${USER}:${PASSWORD}@database/barque",
    ],
)
def test_what_only_looks_like_a_secret_is_left_alone(line: str) -> None:
    assert list(secrets_of(line)) == []


def test_words_are_not_random() -> None:
    assert not looks_random("the-database-administrator-1")
    assert not looks_random("aaaaaaaaaaaaaaaaaaaaaaaa1")
