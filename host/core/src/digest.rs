//! SHA-256 digests of files and values.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};
use sha2::{Digest as _, Sha256};

/// The length of a key of [`Digest::keyed`]: a block of SHA-256.
pub const KEY_BYTES: usize = 64;

/// Bytes as hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A SHA-256, printed as `sha256:` and 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digest([u8; 32]);

impl Digest {
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// HMAC-SHA-256 (RFC 2104) over the parts one after the other. Parts before the last must have
    /// lengths that the last cannot shift, such as a fixed form.
    pub fn keyed(key: &[u8; KEY_BYTES], parts: &[&[u8]]) -> Self {
        // Written out because the crate `hmac` turns on a feature of `digest` with which the whole
        // compiler of wasmtime is built a second time; these are all the steps for a key of a block.
        let hash = |pad: u8, parts: &[&[u8]]| {
            let mut hash = Sha256::new();
            hash.update(key.map(|byte| byte ^ pad));
            parts.iter().for_each(|part| hash.update(part));
            hash.finalize()
        };
        Self(hash(0x5c, &[hash(0x36, parts).as_slice()]).into())
    }

    /// The digest that a hasher computed.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The first twelve hexadecimal digits, for people.
    pub fn short(&self) -> String {
        self.to_string()
            .chars()
            .skip("sha256:".len())
            .take(12)
            .collect()
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("sha256:")?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a digest is `sha256:` and 64 hexadecimal digits")]
pub struct NotADigest;

impl FromStr for Digest {
    type Err = NotADigest;
    fn from_str(text: &str) -> Result<Self, NotADigest> {
        let digits = text.strip_prefix("sha256:").ok_or(NotADigest)?;
        if digits.len() != 64 || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(NotADigest);
        }
        let mut bytes = [0; 32];
        for (index, byte) in bytes.iter_mut().enumerate() {
            let pair = digits.get(index * 2..index * 2 + 2).ok_or(NotADigest)?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| NotADigest)?;
        }
        Ok(Self(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4231, test case 2 and 1, keys filled with zeros to a block.
    #[test]
    fn a_keyed_digest_is_that_of_the_standard() {
        for (key, text, expected) in [
            (
                b"Jefe".as_slice(),
                ["what do ya want ", "for nothing?"],
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            ),
            (
                [0x0b; 20].as_slice(),
                ["Hi ", "There"],
                "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
            ),
        ] {
            let mut block = [0; KEY_BYTES];
            block[..key.len()].copy_from_slice(key);
            let parts = text.map(str::as_bytes);
            assert_eq!(hex(Digest::keyed(&block, &parts).as_bytes()), expected);
        }
    }
}
