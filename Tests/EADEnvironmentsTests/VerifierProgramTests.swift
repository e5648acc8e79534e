import EADCore
import Foundation
import Testing

@testable import EADEnvironments

/// Shell scripts that answer as they should, and otherwise.
enum VerifierScript {
    /// `$id` of the request line in `$line`.
    static let loop = #"while read -r line; do id=${line#*:}; id=${id%%,*}; "#
    static let answer = #"echo "{\"id\":$id,\"reward\":1}"; "#

    /// Answers every request, but does `fault` first where the response holds the word "fault".
    static func failing(_ fault: String) -> [String] {
        ["/bin/sh", "-c", Self.loop + #"case "$line" in *fault*) "# + fault + ";; esac; " + Self.answer + "done"]
    }
}

/// Each fault by its name; scripts are run by /bin/sh.
struct VerifierProgramTests {
    private func exchange(
        _ program: VerifierProgram, id: UInt64 = 1, response: String = "fault", within limit: Duration = .seconds(60)
    ) throws(VerifierFault) -> String {
        let request = VerifierLine.request(
            id, Problem(index: 0, prompt: "p", answer: "a"), response: response)
        let line = try program.exchange(request, within: limit, unless: { false })
        return String(decoding: line, as: UTF8.self)
    }

    private func start(_ fault: String, onErrors: @escaping ([UInt8]) -> Void = { _ in }) throws -> VerifierProgram {
        try VerifierProgram(VerifierScript.failing(fault), onErrors: onErrors)
    }

    @Test func oneProgramAnswersManyRequests() throws {
        let program = try self.start("exit 9")
        for id in UInt64(1)...50 {
            try program.checkQuiet()
            let text = String(repeating: "\"\\\n\u{1}é", count: Int(id) * 1000)
            #expect(try self.exchange(program, id: id, response: text) == "{\"id\":\(id),\"reward\":1}")
        }
        #expect(program.kill() == "signal 9")
    }

    @Test func aProgramThatIsNotThereIsNotStarted() {
        #expect(throws: VerifierFault.notStarted("No such file or directory")) {
            try VerifierProgram(["/nowhere/verify"], onErrors: { _ in })
        }
        #expect(throws: VerifierFault.notStarted("Permission denied")) {
            try VerifierProgram(["/dev/null"], onErrors: { _ in })
        }
    }

    @Test func aProgramThatDiesSaysHow() throws {
        let program = try self.start("exit 3")
        #expect(throws: VerifierFault.died("exit status 3")) { try self.exchange(program) }
        let killed = try self.start("kill -TERM $$; read -r never")
        #expect(throws: VerifierFault.died("signal 15")) { try self.exchange(killed) }
    }

    @Test func aProgramThatHangsIsSilent() throws {
        let program = try self.start("sleep 1000")
        #expect(throws: VerifierFault.silent(.milliseconds(300))) {
            try self.exchange(program, within: .milliseconds(300))
        }
        // More than a pipe holds, and nobody reads it.
        let deaf = try VerifierProgram(["/bin/sleep", "1000"], onErrors: { _ in })
        #expect(throws: VerifierFault.silent(.milliseconds(300))) {
            try self.exchange(
                deaf, response: String(repeating: "x", count: 1 << 20), within: .milliseconds(300))
        }
    }

    @Test func aProgramThatAnswersTwiceIsNoticedBeforeTheNextRequest() throws {
        let program = try self.start(VerifierScript.answer)
        #expect(try self.exchange(program) == "{\"id\":1,\"reward\":1}")
        // The second line is on its way: only its arrival is waited for.
        while true {
            do throws(VerifierFault) { try program.checkQuiet() } catch {
                #expect(error == .unasked)
                return
            }
        }
    }

    @Test func aProgramThatSpeaksFirstIsNotListenedTo() throws {
        let early = try VerifierProgram(
            ["/bin/sh", "-c", "echo '{\"id\":1,\"reward\":1}'; sleep 1000"], onErrors: { _ in })
        #expect(throws: VerifierFault.unasked) {
            try self.exchange(early, response: String(repeating: "x", count: 1 << 20))
        }
    }

    @Test func aProgramThatFloodsIsCutOff() throws {
        let program = try self.start("tr '\\0' x </dev/zero")
        #expect(throws: VerifierFault.tooLong(limit: VerifierProgram.lineLimit)) { try self.exchange(program) }
        let lines = try self.start("yes")
        #expect(try self.exchange(lines) == "y")
        #expect(throws: VerifierFault.unasked) { try lines.checkQuiet() }
    }

    @Test(.timeLimit(.minutes(5))) func whatTheProgramStartedIsKilledWithIt() throws {
        let fifo = FileManager.default.temporaryDirectory.appending(path: "ead-fifo-\(UUID().uuidString)").path
        #expect(mkfifo(fifo, 0o600) == 0)
        defer { unlink(fifo) }
        let program = try VerifierProgram(
            ["/bin/sh", "-c", "sleep 10000 >'\(fifo)' & read -r never"], onErrors: { _ in })
        // Returns when the grandchild has the other end, and reads its end when the grandchild is gone.
        let descriptor = open(fifo, O_RDONLY)
        #expect(descriptor >= 0)
        defer { close(descriptor) }
        program.kill()
        var byte: UInt8 = 0
        #expect(read(descriptor, &byte, 1) == 0)
    }

    /// Whoever has the writing end of `fifo` is gone when this returns 0.
    private func lastRead(of fifo: String, after end: () -> Void) -> Int {
        let descriptor = open(fifo, O_RDONLY)
        defer { close(descriptor) }
        end()
        var byte: UInt8 = 0
        return read(descriptor, &byte, 1)
    }

    private func withFIFO(_ body: (String) throws -> Void) rethrows {
        let fifo = FileManager.default.temporaryDirectory.appending(path: "ead-fifo-\(UUID().uuidString)").path
        #expect(mkfifo(fifo, 0o600) == 0)
        defer { unlink(fifo) }
        try body(fifo)
    }

    @Test(.timeLimit(.minutes(5))) func whatMadeASessionOfItsOwnIsKilledWithItToo() throws {
        try self.withFIFO { fifo in
            let command = "setsid sh -c 'setsid sleep 10000 & sleep 10000' >'\(fifo)' & read -r never"
            let program = try VerifierProgram(["/bin/sh", "-c", command], onErrors: { _ in })
            #expect(self.lastRead(of: fifo) { program.kill() } == 0)
        }
    }

    @Test(.timeLimit(.minutes(5))) func whatItLeftBehindGoesWhenItEndsByItself() throws {
        try self.withFIFO { fifo in
            let program = try VerifierProgram(
                ["/bin/sh", "-c", "setsid sleep 10000 >'\(fifo)' & read -r line; exit 3"], onErrors: { _ in })
            #expect(
                self.lastRead(of: fifo) {
                    #expect(throws: VerifierFault.died("exit status 3")) { try self.exchange(program) }
                } == 0)
        }
    }

    @Test func complaintsAreReadWhileAnAnswerIsAwaited() throws {
        // More than a pipe holds: it would block if nobody read.
        var seen = 0
        let program = try self.start(
            "i=0; while [ $i -lt 3000 ]; do echo 'a complaint of thirty-two bytes' >&2; i=$((i + 1)); done",
            onErrors: { seen += $0.count })
        #expect(try self.exchange(program) == "{\"id\":1,\"reward\":1}")
        program.kill()
        #expect(seen == 3000 * 32)
    }
}
