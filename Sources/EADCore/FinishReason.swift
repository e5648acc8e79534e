/// Why a response ended.
package enum FinishReason: Hashable, Sendable, CaseIterable {
    /// A stop token was drawn; it is the last token of the response.
    case stopToken
    /// The decoded text contains a stop string; the token that completed it is the last of the response.
    case stopString
    /// The response reached the token limit.
    case length
}
