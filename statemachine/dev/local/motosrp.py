"""Secure Remote Password as Cognito's clients have it: the server's part.

The key is derived as amazon-cognito-identity-js, Amplify and pycognito derive it. No
package on PyPI has the server's part.
"""

import base64
import hashlib
import hmac
import os

# The 3072-bit group of RFC 3526.
N = int(
    "".join(
        """
        FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD
        EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED
        EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F
        83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B
        E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6955817183995497CEA956AE515D2261898FA0510
        15728E5A8AAAC42DAD33170D04507A33A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7
        ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864D87602733EC86A64521F2B18177B200C
        BBE117577A615D6C770988C0BAD946E208E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF
        """.split()
    ),
    16,
)
G = 2


def padded(number: int) -> bytes:
    """The number as the clients hash it: as a positive one, in two's complement."""
    return number.to_bytes(number.bit_length() // 8 + 1, "big")


def digest(*parts: bytes) -> int:
    return int.from_bytes(hashlib.sha256(b"".join(parts)).digest(), "big")


class Exchange:
    """One sign-in: the challenge, and the proof that answers it."""

    def __init__(self, pool_id: str, user_id: str, password: str, client_public: str):
        self.name = (pool_id.split("_", 1)[1] + user_id).encode()
        self.salt = digest(b"salt", self.name) >> 128  # the same for a user each time
        self.secret_block = base64.b64encode(os.urandom(64)).decode()
        self._a = int(client_public, 16)
        if self._a % N == 0:
            raise ValueError("SRP_A is a multiple of N")
        identity = hashlib.sha256(self.name + b":" + password.encode()).digest()
        self._verifier = pow(G, digest(padded(self.salt), identity), N)
        self._b = int.from_bytes(os.urandom(128), "big")
        self.public = (digest(padded(N), padded(G)) * self._verifier + pow(G, self._b, N)) % N

    def proves(self, timestamp: str, signature: str) -> bool:
        """Tells whether the client knows the password."""
        scramble = digest(padded(self._a), padded(self.public))
        secret = pow(self._a * pow(self._verifier, scramble, N), self._b, N)
        pseudorandom = hmac.digest(padded(scramble), padded(secret), "sha256")
        key = hmac.digest(pseudorandom, b"Caldera Derived Key\x01", "sha256")[:16]
        message = self.name + base64.b64decode(self.secret_block) + timestamp.encode()
        right = base64.b64encode(hmac.digest(key, message, "sha256")).decode()
        return hmac.compare_digest(right, signature)
