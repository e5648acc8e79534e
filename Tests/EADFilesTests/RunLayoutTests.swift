import EADCore
import EADFiles
import Testing

@Suite struct RunLayoutTests {
    private let layout = RunLayout("runs/a")

    @Test(arguments: [0, 12, 999_999, 1_000_000, UInt64.max]) func aStepReadsBackFromItsName(number: UInt64) {
        #expect(StepName(StepName(number).text)?.number == number)
        #expect(
            RunLayout.journalled(FileTree.name(of: self.layout.journal(of: GlobalStep(number)))) == GlobalStep(number))
        let evaluation = self.layout.evaluation(of: PolicyVersion(number), samples: 4, planned: 4)
        #expect(RunLayout.plannedEvaluation(FileTree.name(of: evaluation)) == number)
        let checkpoint = self.layout.checkpoint(of: GlobalStep(number))
        #expect(CheckpointLayout.entry(FileTree.name(of: checkpoint.path)) == .checkpoint(GlobalStep(number)))
    }

    @Test func namesSortInTheOrderOfTheSteps() {
        #expect(StepName(12).text == "step-000012")
        #expect(StepName(9).text < StepName(10).text && StepName(99_999).text < StepName(100_000).text)
    }

    @Test(arguments: [
        "", "step-", "step-12", "step-0000012", "step-+00012", "step-00001x", "Step-000012", "step-000012 ",
    ])
    func otherNamesAreNotSteps(name: String) {
        #expect(StepName(name) == nil)
        #expect(CheckpointLayout.entry(name) == nil)
        #expect(RunLayout.journalled(name + ".groups") == nil)
    }

    @Test func everythingHasAPlaceOfItsOwn() {
        let node = NodeID("learner")
        let places = [
            self.layout.snapshot, self.layout.log, self.layout.evaluations, self.layout.checkpoints,
            self.layout.journal, self.layout.resolvedConfiguration(of: node), self.layout.lock(of: node),
            self.layout.output(of: node),
        ]
        #expect(Set(places).count == places.count)
        #expect(places.allSatisfy { $0.hasPrefix("runs/a/") })
        #expect(RunLayout.resolvedNode("resolved-learner.yaml") == node)
        #expect(RunLayout.resolvedNode("resolved-.yaml") == nil && RunLayout.resolvedNode("cluster.yaml") == nil)
        #expect(RunLayout.isOutput("learner.log") && !RunLayout.isOutput("run.jsonl"))
        #expect(
            self.layout.evaluation(of: PolicyVersion(20), samples: 64, planned: 4)
                == "runs/a/evaluations/step-000020-samples-64.jsonl")
        #expect(RunLayout.plannedEvaluation("step-000020-samples-64.jsonl") == nil)
    }

    @Test func aCheckpointInTheMakingIsToldFromAWholeOne() {
        let place = CheckpointLayout(of: GlobalStep(4), in: "c")
        #expect(place.model == "c/step-000004/model.safetensors")
        #expect(CheckpointLayout.entry(FileTree.name(of: place.temporary("7f").path)) == .temporary)
        #expect(CheckpointLayout.entry(FileTree.name(of: place.replaced("7f").path)) == .replaced(GlobalStep(4)))
        #expect(CheckpointLayout.entry("mine") == nil && CheckpointLayout.entry("mine.tmp-1") == nil)
    }
}
