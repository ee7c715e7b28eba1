//! SHA-256, and how it is written. For telling whether something changed and for file names; nothing here is
//! a secret.

pub(crate) use hmac_sha256::Hash as Sha256;

/// The digest of some bytes.
pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::hash(bytes)
}

/// Bytes in lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        for nibble in [byte >> 4, byte & 15] {
            text.extend(char::from_digit(u32::from(nibble), 16));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_that_of_the_standard() {
        // The examples of FIPS 180-4 for one block and for two, and the digest of nothing.
        for (text, expected) in [
            (
                "abc",
                "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            ),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
            ),
            (
                "",
                "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            ),
        ] {
            assert_eq!(hex(&sha256(text.as_bytes())), expected);
        }
    }

    proptest::proptest! {
        /// Digests stand in ledgers and journals: another implementation has to come to the same.
        #[test]
        fn is_that_of_another_implementation(parts: Vec<Vec<u8>>) {
            let mut hasher = Sha256::new();
            for part in &parts {
                hasher.update(part);
            }
            let other = <sha2::Sha256 as sha2::Digest>::digest(parts.concat());
            assert_eq!(hasher.finalize().as_slice(), other.as_slice());
        }
    }
}
