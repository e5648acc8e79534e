import Testing
import UnixSignals

@testable import EADRuntime

struct DepartureTests {
    @Test(arguments: [UnixSignal.sigterm, .sigint])
    func aProcessThatStartsHasNothingToDrain(signal: UnixSignal) {
        var departure = Departure()
        #expect(departure.hear(signal) == .leave)
    }

    @Test(arguments: [UnixSignal.sigterm, .sigint])
    func aRoleDrainsOnceAndASecondInterruptEndsIt(first: UnixSignal) {
        var departure = Departure()
        departure.start()
        #expect(departure.hear(first) == .drain)
        #expect(departure.hear(.sigterm) == .nothing)
        #expect(departure.hear(.sigint) == .endAtOnce)
    }
}
