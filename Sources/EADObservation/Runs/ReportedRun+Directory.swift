import EADConfiguration
import EADCore
import EADFiles
package import EADReport
import EADRuntime
import EADSampling
import EADTelemetry
import Foundation

extension ReportedRun {
    /// Reads what a run left in its directory: the controller's configuration, `run.jsonl`, the evaluations.
    /// - Throws: `RoleFailure`, `ConfigurationError` or `FileError` naming the file, and the line where there is one.
    package init(directory path: String) throws {
        let files = try RunFiles(path)
        self.init(
            files, samples: try Self.samples(in: files.directory), rollouts: try Self.rollouts(in: files.directory))
    }

    /// - Parameter samples: Held-out responses by step.
    package init(
        _ files: RunFiles, samples: [UInt64: [ReportedSample]] = [:], rollouts: [ReportedRollout] = []
    ) {
        let (configuration, log) = (files.configuration, files.log)
        self.init(
            name: configuration.run.name, seed: configuration.run.seed, plannedSteps: configuration.run.steps,
            maxTokens: configuration.sampling.maxTokens, schedule: configuration.sampling.schedule,
            algorithm: configuration.algorithm, settings: configuration.sharedSettings,
            lastingPaths: configuration.lastingPaths,
            records: log.records, damagedLines: log.damagedLines.map { "\(files.directory.log):\($0)" },
            samples: samples, rollouts: rollouts)
    }

    /// Those of the newest step that left some.
    private static func rollouts(in directory: RunLayout) throws -> [ReportedRollout] {
        guard FileTree.exists(directory.rollouts),
            let step = try FileTree.names(in: directory.rollouts).compactMap({ RunLayout.rolloutStep($0) }).max()
        else { return [] }
        return try self.records(RolloutRecord.self, of: directory.rollouts(of: step), "a rollout").map { record in
            ReportedRollout(
                step: record.step, problem: UInt64(record.problem), reward: record.reward.map { Double($0) },
                prediction: record.prediction, prompt: record.prompt,
                tokens: zip(record.tokens, record.temperatures).map {
                    ReportedRollout.Token(text: $0, temperature: Double($1))
                })
        }
    }

    /// The responses of every complete evaluation with the planned number of samples.
    private static func samples(in directory: RunLayout) throws -> [UInt64: [ReportedSample]] {
        guard FileTree.exists(directory.evaluations) else { return [:] }
        var samples: [UInt64: [ReportedSample]] = [:]
        for name in try FileTree.names(in: directory.evaluations) {
            guard let step = RunLayout.plannedEvaluation(name) else { continue }
            samples[step] = try self.samples(of: directory.evaluations + "/" + name)
        }
        return samples
    }

    private static func samples(of path: String) throws -> [ReportedSample] {
        try self.records(EvaluationRecord.self, of: path, "a sample of an evaluation").map { record in
            ReportedSample(
                problem: UInt64(record.problem), isGreedy: record.greedy,
                reward: record.isScored ? Double(record.reward) : nil, prompt: record.prompt,
                answer: record.answer, response: record.response)
        }
    }

    /// The records of a file of lines.
    /// - Parameter name: What each is, for a person.
    private static func records<Record: Decodable>(
        _ type: Record.Type, of path: String, _ name: String
    ) throws -> [Record] {
        let text = Data(try FileContents.read(path))
        let decoder = JSONDecoder()
        return try text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated().compactMap {
            index, line in
            guard !line.isEmpty else { return nil }
            do { return try decoder.decode(Record.self, from: line) } catch {
                throw FileError(.read, path, .malformed(line: index + 1, "not \(name): \(error)"))
            }
        }
    }
}
