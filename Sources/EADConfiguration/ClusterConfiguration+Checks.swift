import EADAlgorithms
import EADCore
import EADEnvironments
import EADProtocol
import EADSampling

extension ClusterConfiguration {
    /// Slots of a step, whose list has to fit an envelope.
    private static let slotLimit = 1 << 20

    /// Settings that are in their ranges and cannot be used together.
    func problems() -> [SettingProblem] {
        var found: [SettingProblem] = []
        found += self.sampling.combinationProblems().within("sampling")
        found += self.trainingProblems()
        found += self.algorithm.combinationProblems().within("algorithm")
        found += self.task.combinationProblems().within("task")
        found += self.verifierProblems()
        found += self.protocol.combinationProblems().within("protocol")
        found += self.observe.combinationProblems().within("observe")
        found += self.scheduleProblems() + self.evaluationProblems() + self.nodeProblems() + self.securityProblems()
        found += self.messageProblems()
        return found
    }

    private func trainingProblems() -> [SettingProblem] {
        var found: [SettingProblem] = []
        let (groups, parts) = (self.training.promptsPerStep, self.training.miniBatches)
        if !groups.isMultiple(of: parts) {
            found.append(
                SettingProblem(
                    "training.mini_batches", "must divide prompts_per_step, but \(groups) is no multiple of \(parts)"))
        }
        if self.training.schedule != .constant, self.training.warmupSteps >= self.training.decaySteps {
            found.append(
                SettingProblem(
                    "training.warmup_steps",
                    "must be below training.decay_steps, which is \(self.training.decaySteps), is "
                        + "\(self.training.warmupSteps)"))
        }
        if self.algorithm.overlongBuffer > self.sampling.maxTokens {
            found.append(
                SettingProblem(
                    "algorithm.overlong_buffer",
                    "must not exceed sampling.max_tokens, which is \(self.sampling.maxTokens)"
                ))
        }
        if self.training.stalenessBound == 0, self.training.weightSwap == .keep {
            found.append(
                SettingProblem(
                    "training.weight_swap",
                    "must be pinned where training.staleness_bound is 0: no group is under way when the next policy comes"
                ))
        }
        if self.training.stalenessBound > 0, !self.algorithm.correction.hasWeights {
            found.append(
                SettingProblem(
                    "algorithm.correction",
                    "must weigh by pi / mu where training.staleness_bound is above 0, for samples are then of older "
                        + "policies (token-truncated is usual), is \(self.algorithm.correction.rawValue)"))
        }
        if self.maximumSlots > Self.slotLimit {
            let groups = self.training.promptsPerStep
            found.append(
                SettingProblem(
                    "algorithm.group_filter_rounds",
                    "must not exceed \(Self.slotLimit / groups) with prompts_per_step \(groups): a step has at most "
                        + "\(Self.slotLimit) groups"
                ))
        }
        return found
    }

    /// A worker that waits for its verifier must not be taken for a stalled one.
    private func verifierProblems() -> [SettingProblem] {
        guard self.task.runsProgram else { return [] }
        let patience = min(self.protocol.leaseDuration, self.protocol.liveness.stalledAfter)
        guard self.task.commandTimeout + self.protocol.backoff.maximum >= patience else { return [] }
        return [
            SettingProblem(
                "task.command_timeout",
                "must be, with protocol.backoff.maximum, below protocol.lease_duration and protocol.stalled_after, is "
                    + self.task.commandTimeout.inYAML
            )
        ]
    }

    private func scheduleProblems() -> [SettingProblem] {
        guard self.run.steps > 0, case .constant(0) = self.sampling.schedule else { return [] }
        return [
            SettingProblem(
                "sampling.schedule.temperature",
                "must be above 0 where steps are trained: greedy responses to one prompt are all the same"
            )
        ]
    }

    private func evaluationProblems() -> [SettingProblem] {
        var found: [SettingProblem] = []
        // Where it is as in training, that is where to complain.
        if self.evaluation.sampling != self.sampling {
            found += self.evaluation.sampling.combinationProblems().within("evaluation.sampling")
        }
        guard self.evaluation.isWanted else { return found }
        if self.task.heldOut == 0 {
            found.append(SettingProblem("task.held_out", "must be above 0 for the evaluations asked for in evaluation"))
        }
        if self.evaluation.problems > self.task.heldOut {
            found.append(
                SettingProblem("evaluation.problems", "must not exceed task.held_out, which is \(self.task.heldOut)"))
        }
        if self.evaluation.samples == 0 && !self.evaluation.greedy {
            found.append(
                SettingProblem(
                    "evaluation.samples", "must be above 0 where greedy is false: nothing would be evaluated"))
        }
        return found
    }

    private func nodeProblems() -> [SettingProblem] {
        var found: [SettingProblem] = []
        var seen: [NodeID: String] = [SecurityConfiguration.control: "ead-ctl"]
        let names =
            [("nodes.controller", self.controller.name), ("nodes.learner", self.learner.name)]
            + self.workers.enumerated().map { ("nodes.workers[\($0.offset)]", $0.element.name) }
        for (path, name) in names where !name.rawValue.isEmpty {
            if let other = seen[name] {
                found.append(SettingProblem("\(path).name", "must be unique, but '\(name)' is the name of \(other)"))
            } else {
                seen[name] = path
            }
        }
        if self.workers.isEmpty { found.append(SettingProblem("nodes.workers", "must name at least one worker")) }
        if self.controller.endpoint == self.learner.endpoint && self.controller.endpoint.port > 0 {
            found.append(SettingProblem("nodes.learner.endpoint", "must differ from that of the controller"))
        }
        return found
    }

    private func securityProblems() -> [SettingProblem] {
        var found: [SettingProblem] = []
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
                    SettingProblem(
                        path,
                        "must be a loopback address while security.mode is plaintext, is \(address); "
                            + "other hosts need security.mode: curve"
                    ))
            }
        case .curve:
            for node in self.nodes.keys.sorted() + [SecurityConfiguration.control]
            where !node.rawValue.isEmpty && self.publicKey(of: node) == nil {
                found.append(
                    SettingProblem("security.public_keys.\(node)", "is missing: `ead-ctl keygen` makes the keys"))
            }
        }
        var owners: [String: NodeID] = [:]
        for (node, key) in self.security.publicKeys.sorted(by: { $0.key < $1.key }) {
            if let owner = owners[key] {
                found.append(
                    SettingProblem("security.public_keys.\(node)", "must be unique, but it is the key of \(owner)"))
            }
            owners[key] = node
        }
        return found
    }
}
