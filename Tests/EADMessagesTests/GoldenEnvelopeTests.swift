import EADMessages
import Testing

@Suite struct GoldenEnvelopeTests {
    @Test(arguments: GoldenEnvelopes.messages)
    func committedBytesKeepTheirMeaning(name: String, message: Message) throws {
        let decoded = try EnvelopeCodec.decode(GoldenEnvelopes.fixture(name))
        #expect(decoded == GoldenEnvelopes.envelope(message))
    }

    @Test(arguments: GoldenEnvelopes.messages)
    func anotherEncoderWritesTheSameBytes(name: String, message: Message) throws {
        #expect(EnvelopeCodec.encode(GoldenEnvelopes.envelope(message)) == (try GoldenEnvelopes.fixture(name)))
    }

    @Test func thereIsAFileForEveryMessage() {
        #expect(Set(GoldenEnvelopes.messages.map { RandomEnvelopes.caseIndex($0.message) }).count == 20)
    }
}
