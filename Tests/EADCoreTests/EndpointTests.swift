import EADCore
import Testing

@Suite struct EndpointTests {
    @Test(arguments: ["tcp://127.0.0.1:5555", "tcp://localhost:1", "tcp://[::1]:65535", "tcp://learner.lan:0"])
    func aWrittenEndpointReadsBackAsItself(text: String) {
        #expect(Endpoint(text)?.description == text)
    }

    @Test(arguments: ["", "127.0.0.1:5555", "tcp://:1", "tcp://host", "tcp://host:70000", "ipc:///x", "tcp://::1:80"])
    func anythingElseIsRefused(text: String) {
        #expect(Endpoint(text) == nil)
    }

    @Test(arguments: [
        ("tcp://127.0.0.1:1", true), ("tcp://127.9.9.9:1", true), ("tcp://localhost:1", true), ("tcp://[::1]:1", true),
        ("tcp://0.0.0.0:1", false), ("tcp://10.0.0.1:1", false), ("tcp://127.evil.example:1", false),
        ("tcp://[::]:1", false),
    ])
    func onlyLoopbackAddressesAreLoopback(text: String, loopback: Bool) {
        #expect(Endpoint(text)?.isLoopback == loopback)
    }

    @Test func aRunIDReadsBackFromItsDigits() {
        let id = RunID.random()
        #expect(RunID(id.description) == id)
        #expect(RunID("xyz") == nil)
        #expect(RunID(bytes: [1, 2, 3]) == nil)
    }
}
