import EADAlgorithms
import EADCore
import EADEnvironments
import EADProtocol
import EADSampling

extension ClusterConfiguration {
    /// Slots of a step, whose list has to fit an envelope.
    private static let slotLimit = 1 << 20

    /// What cannot be used although every setting alone has its type: the libraries' ranges, and combinations.
    func problems() -> [(path: String, message: String)] {
        var found: [(path: String, message: String)] = []
        found += self.sampling.problems().map { LibraryNames.sampling.translate($0, in: "sampling") }
        found += self.trainingProblems()
        found += self.algorithm.problems().map { LibraryNames.plain.translate($0, in: "algorithm") }
        found += self.task.problems().map { LibraryNames.plain.translate($0, in: "task") }
        found += self.verifierProblems()
        found += self.protocol.combinationProblems().map { ("protocol.\($0.path)", $0.message) }
        found += self.scheduleProblems() + self.evaluationProblems() + self.nodeProblems() + self.securityProblems()
        return found
    }

    private func trainingProblems() -> [(path: String, message: String)] {
        var found: [(path: String, message: String)] = []
        let (groups, parts) = (self.training.promptsPerStep, self.training.miniBatches)
        if !groups.isMultiple(of: parts) {
            found.append(
                ("training.mini_batches", "must divide prompts_per_step, but \(groups) is no multiple of \(parts)"))
        }
        if self.algorithm.overlongBuffer > self.sampling.maxTokens {
            found.append(
                (
                    "algorithm.overlong_buffer",
                    "must not exceed sampling.max_tokens, which is \(self.sampling.maxTokens)"
                ))
        }
        if self.maximumSlots > Self.slotLimit {
            let groups = self.training.promptsPerStep
            found.append(
                (
                    "algorithm.group_filter_rounds",
                    "must not exceed \(Self.slotLimit / groups) with prompts_per_step \(groups): a step has at most "
                        + "\(Self.slotLimit) groups"
                ))
        }
        return found
    }

    /// A worker that waits for its verifier must not be taken for a stalled one.
    private func verifierProblems() -> [(path: String, message: String)] {
        guard self.task.verifier.runsProgram else { return [] }
        let patience = min(self.protocol.leaseDuration, self.protocol.liveness.stalledAfter)
        guard self.task.commandTimeout + self.protocol.backoff.maximum >= patience else { return [] }
        return [
            (
                "task.command_timeout",
                "must be, with protocol.backoff.maximum, below protocol.lease_duration and protocol.stalled_after, is "
                    + self.task.commandTimeout.inYAML
            )
        ]
    }

    private func scheduleProblems() -> [(path: String, message: String)] {
        guard self.run.steps > 0, case .constant(0) = self.sampling.schedule else { return [] }
        return [
            (
                "sampling.schedule.temperature",
                "must be above 0 where steps are trained: greedy responses to one prompt are all the same"
            )
        ]
    }

    private func evaluationProblems() -> [(path: String, message: String)] {
        var found: [(path: String, message: String)] = []
        // Where it is as in training, that is where to complain.
        if self.evaluation.sampling != self.sampling {
            found += self.evaluation.sampling.problems().map {
                LibraryNames.sampling.translate($0, in: "evaluation.sampling")
            }
        }
        guard self.evaluation.isWanted else { return found }
        if self.task.heldOut == 0 {
            found.append(("task.held_out", "must be above 0 for the evaluations asked for in evaluation"))
        }
        if self.evaluation.problems > self.task.heldOut {
            found.append(("evaluation.problems", "must not exceed task.held_out, which is \(self.task.heldOut)"))
        }
        if self.evaluation.samples == 0 && !self.evaluation.greedy {
            found.append(("evaluation.samples", "must be above 0 where greedy is false: nothing would be evaluated"))
        }
        return found
    }

    private func nodeProblems() -> [(path: String, message: String)] {
        var found: [(path: String, message: String)] = []
        var seen: [NodeID: String] = [SecurityConfiguration.control: "ead-ctl"]
        let names =
            [("nodes.controller", self.controller.name), ("nodes.learner", self.learner.name)]
            + self.workers.enumerated().map { ("nodes.workers[\($0.offset)]", $0.element.name) }
        for (path, name) in names where !name.rawValue.isEmpty {
            if let other = seen[name] {
                found.append(("\(path).name", "must be unique, but '\(name)' is the name of \(other)"))
            } else {
                seen[name] = path
            }
        }
        if self.workers.isEmpty { found.append(("nodes.workers", "must name at least one worker")) }
        if self.controller.endpoint == self.learner.endpoint && self.controller.endpoint.port > 0 {
            found.append(("nodes.learner.endpoint", "must differ from that of the controller"))
        }
        return found
    }

    private func securityProblems() -> [(path: String, message: String)] {
        var found: [(path: String, message: String)] = []
        switch self.security.mode {
        case .plaintext:
            let addresses = [
                ("nodes.controller.endpoint", self.controller.endpoint),
                ("nodes.controller.bind", self.controller.bind),
                ("nodes.learner.endpoint", self.learner.endpoint), ("nodes.learner.bind", self.learner.bind),
            ]
            var reported: Set<Endpoint> = []
            for (path, address) in addresses where !address.isLoopback && reported.insert(address).inserted {
                found.append(
                    (
                        path,
                        "must be a loopback address while security.mode is plaintext, is \(address); "
                            + "other hosts need security.mode: curve"
                    ))
            }
        case .curve:
            for node in self.nodes.keys.sorted() + [SecurityConfiguration.control]
            where !node.rawValue.isEmpty && self.publicKey(of: node) == nil {
                found.append(("security.public_keys.\(node)", "is missing: `ead-ctl keygen` makes the keys"))
            }
        }
        var owners: [String: NodeID] = [:]
        for (node, key) in self.security.publicKeys.sorted(by: { $0.key < $1.key }) {
            if let owner = owners[key] {
                found.append(("security.public_keys.\(node)", "must be unique, but it is the key of \(owner)"))
            }
            owners[key] = node
        }
        return found
    }
}
