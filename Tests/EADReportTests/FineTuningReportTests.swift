import EADCore
import EADTelemetry
import EADTestKit
import Testing

@testable import EADReport

@Suite struct FineTuningReportTests {
    private func run(_ name: String, losses: [Double], finished: Bool = true, batch: String = "32")
        -> ReportedFineTuning
    {
        var records = [Runs.event("started", at: 0)]
        for (step, loss) in losses.enumerated() {
            records.append(
                Runs.step(
                    UInt64(step), at: Double(step + 1) * 60,
                    [
                        "cross_entropy": loss, "learning_rate": 1e-3, "gradient_norm": 2,
                        "training_tokens_per_second": 100,
                    ]))
        }
        records.append(
            RunRecord(kind: .evaluation, time: 0, step: GlobalStep(0), values: ["held_out_loss": losses[0] + 0.125]))
        records.append(
            RunRecord(
                kind: .evaluation, time: 60 * Double(losses.count), step: GlobalStep(UInt64(losses.count)),
                values: ["held_out_loss": losses[losses.count - 1] + 0.125]))
        if finished { records.append(Runs.event("finished", at: 60 * Double(losses.count))) }
        return ReportedFineTuning(
            name: name, settings: ["steps": "3", "batch": batch, "parameters": "99", "training": "12"],
            records: records, damagedLines: [])
    }

    @Test func thePageShowsLossesRatesAndSpeed() {
        let page = FineTuningReport([self.run("warm", losses: [4, 3, 2])]).page
        #expect(Document(page.html).fault == nil)
        #expect(page.figures.map(\.file) == ["01-loss.svg", "02-update.svg", "03-throughput.svg"])
        #expect(page.omissions.isEmpty)
        let cells = Document(page.html).texts(in: "td")
        #expect(cells.contains("4.1250 \u{2192} 2.1250"), "\(cells)")
        #expect(cells.contains("99") && cells.contains("12") && cells.contains("3.0"))
        #expect(!page.html.contains("The runs differ in"))
    }

    @Test func runsAreToldApartByWhatTheyDifferIn() {
        let page = FineTuningReport([
            self.run("one", losses: [4, 3, 2]), self.run("<two>", losses: [4, 3], finished: false, batch: "16"),
        ]).page
        #expect(Document(page.html).fault == nil)
        let items = Document(page.html).texts(in: "li")
        #expect(items.contains("batch: 32 (one); 16 (<two>)"), "\(items)")
        #expect(page.html.contains("2 of 3, unfinished"))
    }

    @Test func whatNoRunReportsIsLeftOutWithAReason() {
        let page = FineTuningReport([
            ReportedFineTuning(name: "new", settings: ["steps": "3"], records: [], damagedLines: ["run.jsonl:4"])
        ]).page
        #expect(page.figures.isEmpty)
        #expect(page.omissions.count == 4)
        #expect(page.omissions.contains { $0.contains("run.jsonl:4") })
    }
}
