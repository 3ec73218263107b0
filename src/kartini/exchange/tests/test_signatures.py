"""Our signatures against the vectors of RFC 9421 and a foreign implementation."""

from base64 import b64decode, b64encode, urlsafe_b64decode
from typing import Any

import http_message_signatures as foreign
import pytest
import requests
from nacl.signing import SigningKey

from kartini.exchange import identifiers, signatures
from kartini.kit.ids import new_id

KEY = SigningKey(bytes(range(32)))
PUBLIC = bytes(KEY.verify_key)
URL = (
    "https://pertukaran.jepara.example/r1/JPR/GOV/disdukcapil/dukcapil/dukcapil.resident-by-nik.v1"
)
BODY = b'{"nik":"3320116204959002"}'
NOW = 1_795_486_440


class Resolver(foreign.HTTPSignatureKeyResolver):
    def resolve_private_key(self, key_id: str) -> Any:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        return Ed25519PrivateKey.from_private_bytes(bytes(KEY))

    def resolve_public_key(self, key_id: str) -> Any:
        return self.resolve_private_key(key_id).public_key()


def values(**more: str) -> dict[str, str]:
    return {
        "@method": "POST",
        "@target-uri": URL,
        "content-digest": signatures.digest(BODY),
        "x-road-client": "JPR/GOV/dpmptsp/joss",
        "x-road-id": "case-1",
        **more,
    }


def message(headers: dict[str, str]) -> requests.PreparedRequest:
    request = requests.Request("POST", URL, data=BODY, headers=headers).prepare()
    request.headers["X-Road-Client"] = "JPR/GOV/dpmptsp/joss"
    request.headers["X-Road-Id"] = "case-1"
    request.headers["Content-Digest"] = signatures.digest(BODY)
    return request


def signed() -> dict[str, str]:
    return signatures.sign(
        values(), signatures.REQUEST, KEY, keyid="k1", created=NOW, nonce=str(new_id())
    )


def claim(headers: dict[str, str]) -> signatures.Claim:
    return signatures.read(headers["signature-input"], headers["signature"])


VECTORS = {  # RFC 9421, sections B.2.6 and B.4: those with an Ed25519 key
    "b26": (
        {
            "date": "Tue, 20 Apr 2021 02:07:55 GMT",
            "@method": "POST",
            "@path": "/foo",
            "@authority": "example.com",
            "content-type": "application/json",
            "content-length": "18",
        },
        "wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==",
    ),
    "b4": (
        {
            "@method": "GET",
            "@path": "/demo",
            "@authority": "example.org",
            "accept": "application/json, */*",
        },
        "ZT1kooQsEHpZ0I1IjCqtQppOmIqlJPeo7DHR3SoMn0s5JZ1eRGS0A+vyYP9t/LXlh5QMFFQ6cpLt2m0pmj3NDA==",
    ),
}
THEIRS = SigningKey(urlsafe_b64decode("n4Ni-HpISpVObnQMW0wOhCKROaIKqKtW_2ZYb2p9KcU="))


@pytest.mark.parametrize("name", VECTORS)
def test_the_vectors_of_the_standard_hold(name: str) -> None:
    vector, signature = VECTORS[name]
    covered = " ".join(f'"{component}"' for component in vector)
    parameters = f'({covered});created=1618884473;keyid="test-key-ed25519"'
    said = signatures.read(f"sig={parameters}", f"sig=:{signature}:")
    public = urlsafe_b64decode("JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs=")
    assert public == bytes(THEIRS.verify_key)
    signatures.verify(said, vector, public, needed=["@method"])
    with pytest.raises(signatures.NotSigned):
        signatures.verify(said, vector | {"@path": "/bar"}, public, needed=[])
    base = signatures._base(vector, [*vector], parameters)
    assert b64encode(THEIRS.sign(base).signature).decode() == signature


def test_a_foreign_implementation_accepts_what_we_sign() -> None:
    request = message(signed())
    verifier: Any = foreign.HTTPMessageVerifier(
        signature_algorithm=foreign.algorithms.ED25519, key_resolver=Resolver()
    )
    (result,) = verifier.verify(request, max_age=None)
    assert '"x-road-client"' in result.covered_components
    request.headers["X-Road-Client"] = "JPR/GOV/dinkes/simpus"
    with pytest.raises(foreign.InvalidSignature):
        verifier.verify(request, max_age=None)


def test_we_accept_what_a_foreign_implementation_signs() -> None:
    request = message({})
    signer: Any = foreign.HTTPMessageSigner(
        signature_algorithm=foreign.algorithms.ED25519, key_resolver=Resolver()
    )
    signer.sign(
        request,
        key_id="k1",
        covered_component_ids=signatures.REQUEST,
        nonce="abc",
        label="sig1",
        use_existing_digest=True,
    )
    headers: Any = request.headers
    said = signatures.read(headers["Signature-Input"], headers["Signature"])
    signatures.verify(said, values(), PUBLIC, needed=signatures.REQUEST)
    assert (said.keyid, said.nonce) == ("k1", "abc")


@pytest.mark.parametrize("name", signatures.REQUEST)
def test_any_changed_part_is_noticed(name: str) -> None:
    with pytest.raises(signatures.NotSigned, match="not true"):
        signatures.verify(claim(signed()), values(**{name: "other"}), PUBLIC, needed=())


def test_what_must_be_covered_must_be_covered() -> None:
    weak = signatures.sign(values(), ["@method"], KEY, keyid="k1", created=NOW)
    with pytest.raises(signatures.NotSigned, match="content-digest"):
        signatures.verify(claim(weak), values(), PUBLIC, needed=signatures.REQUEST)


@pytest.mark.parametrize(
    ("signature_input", "signature"),
    [
        ("", ""),
        ("sig1=()", ""),
        ('sig1=("@method");created=1;keyid="k"', "sig2=:aGVsbG8=:"),
        ('sig1=("@method");created=1;keyid="k"', "sig1=:aGVsbG8:"),
        ('sig1=("@method");keyid="k"', "sig1=:aGVsbG8=:"),
        ('sig1=("@method");created=1;keyid="k";alg="rsa-pss-sha512"', "sig1=:aGVsbG8=:"),
        ("sig1=(" + '"a" ' * 50_000 + ")", "x"),
    ],
)
def test_a_malformed_signature_is_refused(signature_input: str, signature: str) -> None:
    with pytest.raises(signatures.NotSigned):
        signatures.read(signature_input, signature)


RFC_9530 = (  # the digests of sections 2 and B.1
    "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:",
    "sha-512=:YMAam51Jz/jOATT6/zvHrLVgOYTGFy1d6GJiOHTohq4yP+pgk4vf2aCsyRZOtw8MjkM7iw7yZ/WkppmM44T3qg==:",
)


def test_content_digest_is_that_of_the_standard() -> None:
    body = b'{"hello": "world"}\n'
    assert signatures.digest(body) == RFC_9530[0]
    for field in (*RFC_9530, ", ".join(RFC_9530)):
        assert signatures.digest_holds(field, body)
        assert not signatures.digest_holds(field, body.strip())
    assert not signatures.digest_holds(f"{RFC_9530[0]}, sha-512=:AAAA:", body)
    assert signatures.digest(b'{"hello": "world"}') == (
        "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:"
    )
    field = signatures.digest(BODY)
    assert signatures.digest_holds(field, BODY)
    assert signatures.digest_holds(f"md5=:abc=:, {field}", BODY)
    assert not signatures.digest_holds(field, BODY + b" ")
    assert not signatures.digest_holds("md5=:abc=:", BODY)
    assert not signatures.digest_holds("sha-256=:???:", BODY)
    assert len(b64decode(field[9:-1])) == 32


def test_identifiers_are_read_and_nothing_else_is() -> None:
    assert identifiers.client("JPR/GOV/dpmptsp/joss") == "JPR/GOV/dpmptsp/joss"
    assert identifiers.part("resident%2Dby-nik.v1") == "resident-by-nik.v1"
    for bad in ("", "..", ".", "a%2Fb", "%2e%2e", "a b", "a_b", "ä", "x" * 101, "%FF", "a%00"):
        with pytest.raises(identifiers.Malformed):
            identifiers.part(bad)
    for bad in ("JPR/GOV/dpmptsp", "JPR/GOV/dpmptsp/joss/x", "JPR/GOV/../joss", ""):
        with pytest.raises(identifiers.Malformed):
            identifiers.client(bad)
