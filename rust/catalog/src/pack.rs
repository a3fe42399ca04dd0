//! Lists as they lie on a disk: compressed.

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use std::io::{self, Read, Write};

/// What every gzip file begins with.
const MAGIC: [u8; 2] = [0x1f, 0x8b];

/// The public map has three megabytes. A file that unpacks to twenty times as
/// much is no price list, and shall not fill the memory.
const LIMIT: u64 = 64 << 20;

/// BYTES, compressed.
///
/// # Errors
/// Only those of a writer in memory, which has none.
pub fn pack(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    encoder.finish()
}

/// BYTES, uncompressed if they are compressed.
///
/// # Errors
/// When they are damaged, cut, or unpack to more than any list has.
pub fn unpack(bytes: &[u8]) -> io::Result<Vec<u8>> {
    if !bytes.starts_with(&MAGIC) {
        return Ok(bytes.to_vec());
    }
    let mut unpacked = Vec::new();
    GzDecoder::new(bytes).take(LIMIT).read_to_end(&mut unpacked)?;
    if unpacked.len() as u64 == LIMIT {
        return Err(io::Error::other("it unpacks to more than any price list has"));
    }
    Ok(unpacked)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_comes_out_again_and_what_is_not_passes() {
        let text = "prices ".repeat(1_000);
        let packed = pack(text.as_bytes()).unwrap();
        assert!(packed.len() < text.len() / 10);
        assert_eq!(unpack(&packed).unwrap(), text.as_bytes());
        assert_eq!(unpack(b"{}").unwrap(), b"{}");
    }

    #[test]
    fn what_is_cut_or_damaged_does_not_come_out() {
        let mut packed = pack("prices ".repeat(1_000).as_bytes()).unwrap();
        assert!(unpack(&packed[..packed.len() - 9]).is_err());
        let middle = packed.len() / 2;
        packed[middle] ^= 0xff;
        assert!(unpack(&packed).is_err());
    }
}
