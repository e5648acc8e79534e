import EADCore
import EADFineTuning
import EADModels
import EADTelemetry
import EADTestKit
import Foundation
import Synchronization
import Testing

@testable import EADOperations

@Suite struct FineTuningViewTests {
    private func withPlan(_ body: (FineTuningPlan) throws -> Void) throws {
        try withTemporaryDirectory { path in
            try TinyModel.write(to: path + "/tiny.gguf")
            let lines = (0..<20).map { #"{"prompt": "\#($0) is", "response": " \#($0)"}"# }
            try Data(lines.joined(separator: "\n").utf8).write(to: URL(filePath: path + "/demonstrations.jsonl"))
            try body(
                try FineTuningPlan(
                    FineTuningSettings(
                        origin: .model(path + "/tiny.gguf"), data: path + "/demonstrations.jsonl", heldOut: 2, batch: 2,
                        steps: 10)))
        }
    }

    private func event(_ step: UInt64, loss: Double) -> FineTuning.Event {
        .trained(GlobalStep(step), ["cross_entropy": loss, "training_tokens_per_second": 1000])
    }

    @Test func aFileHasALineNowAndThenWithTheTimeThatIsLeft() throws {
        try self.withPlan { plan in
            let written = Mutex("")
            let terminal = Terminal(size: { nil }) { text in written.withLock { $0 += text } }
            let start = ContinuousClock.now
            var view = FineTuningView(terminal: terminal, now: start)
            // Reading model and data is no part of what a step takes.
            let began = start + .seconds(60)
            view.take(.began(plan, after: GlobalStep(2)), now: began)
            view.take(.evaluated(after: GlobalStep(2), loss: 2.5), now: began)
            view.take(self.event(3, loss: 2), now: began + .seconds(1))
            view.take(self.event(4, loss: 2), now: began + .seconds(2))
            view.take(self.event(6, loss: 2), now: began + .seconds(12))
            let lines = written.withLock { $0 }.split(separator: "\n").map(String.init)
            #expect(
                lines == [
                    "\(plan.file.layout.count) parameters, 18 demonstrations and 2 held out; 10 steps, 9 per pass, goes on "
                        + "after step 2",
                    "step 2 of 10: held-out loss 2.5000",
                    "step 3 of 10 (30 %), loss 2.0000, held out 2.5000, 1000 tokens/s, 7 s left",
                    "step 6 of 10 (60 %), loss 2.0000, held out 2.5000, 1000 tokens/s, 12 s left",
                ])
        }
    }

    @Test func aTerminalHasOneLineThatIsReplaced() throws {
        try self.withPlan { plan in
            let written = Mutex("")
            let terminal = Terminal(size: { Terminal.Size(columns: 200, rows: 24) }) { text in
                written.withLock { $0 += text }
            }
            var view = FineTuningView(terminal: terminal)
            view.take(.began(plan, after: GlobalStep(0)))
            for step in 1...5 as ClosedRange<UInt64> { view.take(self.event(step, loss: 6 - Double(step))) }
            view.finish()
            let text = written.withLock { $0 }
            #expect(text.contains("step 5 of 10 (50 %)") && text.hasSuffix("\r\u{1B}[K"))
            #expect(text.count { $0 == "\n" } == 1, "only what is there to stay has lines of its own")
        }
    }
}
