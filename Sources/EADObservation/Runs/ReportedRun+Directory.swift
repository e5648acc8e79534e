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
        self.init(files, samples: try Self.samples(in: files.directory))
    }

    /// - Parameter samples: Held-out responses by step.
    package init(_ files: RunFiles, samples: [UInt64: [ReportedSample]] = [:]) {
        let (configuration, log) = (files.configuration, files.log)
        self.init(
            name: configuration.run.name, seed: configuration.run.seed, plannedSteps: configuration.run.steps,
            maxTokens: configuration.sampling.maxTokens, schedule: configuration.sampling.schedule,
            algorithm: configuration.algorithm, settings: configuration.sharedSettings,
            lastingPaths: configuration.lastingPaths,
            records: log.records, damagedLines: log.damagedLines.map { "\(files.directory.log):\($0)" },
            samples: samples)
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
        let text = Data(try FileContents.read(path))
        let decoder = JSONDecoder()
        return try text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated().compactMap {
            index, line in
            guard !line.isEmpty else { return nil }
            do {
                let record = try decoder.decode(EvaluationRecord.self, from: line)
                return ReportedSample(
                    problem: UInt64(record.problem), isGreedy: record.greedy,
                    reward: record.isScored ? Double(record.reward) : nil, prompt: record.prompt,
                    answer: record.answer, response: record.response)
            } catch {
                throw FileError(
                    .read, path, .malformed(line: index + 1, "not a sample of an evaluation: \(error)"))
            }
        }
    }
}
