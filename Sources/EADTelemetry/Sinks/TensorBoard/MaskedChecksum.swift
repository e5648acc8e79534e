/// CRC-32C of a record, turned so that the checksum of data with checksums in it does not degenerate.
enum MaskedChecksum {
    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { value, _ in value >> 1 ^ (value & 1 == 1 ? 0x82F6_3B78 : 0) }
    }

    static func crc32c(_ bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(UInt32.max) { Self.table[Int(($0 ^ UInt32($1)) & 0xFF)] ^ $0 >> 8 }
    }

    static func masked(_ bytes: [UInt8]) -> UInt32 {
        let sum = Self.crc32c(bytes)
        return (sum >> 15 | sum << 17) &+ 0xA282_EAD8
    }
}
