/// Why bytes are not a delta of a policy.
package enum DeltaError: Error, Hashable, Sendable, CustomStringConvertible {
    /// There are more or fewer blocks than the policy has chunks, or one is cut off.
    case blocks
    /// A block's header contradicts its length or its chunk's.
    case header
    /// A stream does not decompress to the length that the header says.
    case frame
    /// A change lies outside the chunk, or a stream ends early or late.
    case stream

    package var description: String {
        switch self {
        case .blocks: "its blocks are not those of the policy's chunks"
        case .header: "the header of a block contradicts its length"
        case .frame: "a stream does not decompress to its length"
        case .stream: "a change lies outside its chunk"
        }
    }
}
