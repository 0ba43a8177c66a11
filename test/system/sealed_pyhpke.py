"""A router and a node of sealed rows by PyPI's pyhpke. Reads and writes lines of JSON."""
import base64
import json
import sys

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pyhpke import AEADId, CipherSuite, KDFId, KEMId, KEMKey

SUITE = CipherSuite.new(
    KEMId.DHKEM_X25519_HKDF_SHA256, KDFId.HKDF_SHA256, AEADId.AES128_GCM
)
encode = lambda data: base64.b64encode(data).decode()
decode = base64.b64decode


def info_of(offer):
    text = ["bailiwick seal 1", offer["note"], offer["epoch"]]
    return json.dumps(text, separators=(",", ":"), ensure_ascii=False).encode()


def aad_of(what, headers):
    texts = [text for name in sorted(headers) for text in (name, headers[name])]
    return json.dumps([what, *texts], separators=(",", ":")).encode()


def answer_aead(context, number):
    base = context.export(b"bailiwick answer nonce", 12)
    nonce = bytes(a ^ b for a, b in zip(base, number.to_bytes(12, "big")))
    return AESGCM(context.export(b"bailiwick answer key", 16)), nonce


def pad(body, unit):
    n = max(1, -(-len(body) // unit))
    return len(body).to_bytes(4, "big") + body + bytes(n * unit - len(body))


def unpad(padded):
    return padded[4 : 4 + int.from_bytes(padded[:4], "big")]


senders, recipients = {}, {}


def ask(line):
    """Seals a text for the node whose offer this is."""
    offer = line["offer"]
    if offer["epoch"] not in senders:
        public = X25519PublicKey.from_public_bytes(decode(offer["note"].split("\n")[2]))
        key = KEMKey.from_pyca_cryptography_key(public)
        senders[offer["epoch"]] = [*SUITE.create_sender_context(key, info=info_of(offer)), 0]
    enc, context, number = senders[offer["epoch"]]
    senders[offer["epoch"]][2] += 1
    headers = {
        **line["headers"],
        "seal-epoch": offer["epoch"],
        "seal-enc": encode(enc),
        "seal-number": str(number),
    }
    body = context.seal(pad(line["text"].encode(), 64), aad=aad_of("ask", headers))
    return {"headers": headers, "body": encode(body)}


def opened(line):
    """The text of an answer to the message with this number."""
    _, context, _ = senders[line["epoch"]]
    aead, nonce = answer_aead(context, line["number"])
    padded = aead.decrypt(nonce, decode(line["body"]), aad_of("answer", line["headers"]))
    return {"text": unpad(padded).decode()}


def answer(line):
    """Opens a message as the node with this secret, and answers it in capitals."""
    headers = line["headers"]
    enc = headers["seal-enc"]
    if enc not in recipients:
        secret = X25519PrivateKey.from_private_bytes(decode(line["secret"]))
        key = KEMKey.from_pyca_cryptography_key(secret)
        recipients[enc] = SUITE.create_recipient_context(
            decode(enc), key, info=info_of(line["offer"])
        )
    context = recipients[enc]
    text = unpad(context.open(decode(line["body"]), aad=aad_of("ask", headers)))
    own = {"expert": headers["expert"]}
    aead, nonce = answer_aead(context, int(headers["seal-number"]))
    body = aead.encrypt(nonce, pad(text.upper(), 64), aad_of("answer", own))
    return {"headers": own, "body": encode(body)}


for text in sys.stdin:
    line = json.loads(text)
    print(json.dumps({"ask": ask, "opened": opened, "answer": answer}[line["do"]](line)), flush=True)
