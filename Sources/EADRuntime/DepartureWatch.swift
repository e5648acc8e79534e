import Foundation
import Glibc
import ServiceLifecycle
import UnixSignals

/// Hears SIGTERM and SIGINT from the first moment of a process to the last, before anything heavy starts.
actor DepartureWatch {
    private let signals: UnixSignalsSequence
    private var departure = Departure()
    private var group: ServiceGroup?

    /// From here on no signal ends the process unheard.
    init() async { self.signals = await UnixSignalsSequence(trapping: .sigterm, .sigint) }

    /// The role has been made: this group drains it when the process is told to leave.
    func start(_ group: ServiceGroup) {
        self.group = group
        self.departure.start()
    }

    /// Runs until cancelled.
    func run() async {
        for await signal in self.signals {
            switch self.departure.hear(signal) {
            case .leave: Self.end("told to leave while it was starting; whatever was durable still is", status: 0)
            case .drain: await self.group?.triggerGracefulShutdown()
            case .endAtOnce: Self.end("ended at once, as it was told to a second time", status: 130)
            case .nothing: break
            }
        }
    }

    /// Other threads compute and must not see the process taken down around them: nothing is torn down.
    private static func end(_ words: String, status: Int32) -> Never {
        FileHandle.standardError.write(Data("\(words)\n".utf8))
        _exit(status)
    }
}

/// Makes a role on a thread of its own: that takes long, and signals are to be heard meanwhile however few cores there
/// are.
actor Preparation {
    private let executor = ThreadExecutor(name: "start")
    nonisolated var unownedExecutor: UnownedSerialExecutor { self.executor.asUnownedSerialExecutor() }

    func perform<Made: Sendable>(_ make: @Sendable () throws -> Made) throws -> Made { try make() }
}
