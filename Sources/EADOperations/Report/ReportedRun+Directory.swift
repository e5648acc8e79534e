import EADConfiguration
import EADCore
package import EADReport
import EADRuntime
import EADSampling
import EADTelemetry
import Foundation

extension ReportedRun {
    /// Reads what a run left in its directory: the controller's configuration, `run.jsonl`, the evaluations.
    /// - Throws: `RoleFailure`, `ConfigurationError` or `RunLogError` naming the file, and the line where there is one.
    package init(directory path: String) throws {
        let directory = RunDirectory(URL(filePath: path))
        guard FileManager.default.fileExists(atPath: directory.log.path) else {
            throw RoleFailure(.usage, "\(path) is not a run directory: it has no run.jsonl")
        }
        let configuration = try Self.configuration(in: directory, path: path)
        self.init(
            name: configuration.run.name, seed: configuration.run.seed, plannedSteps: configuration.run.steps,
            maxTokens: configuration.sampling.maxTokens, schedule: configuration.sampling.schedule,
            algorithm: configuration.algorithm, settings: configuration.sharedSettings,
            records: try RunLog.read(path: directory.log.path), samples: try Self.samples(in: directory))
    }

    /// The configuration as the controller understood it, which is the node that writes `run.jsonl`.
    private static func configuration(in directory: RunDirectory, path: String) throws -> ClusterConfiguration {
        let files = try self.files(in: directory.url) { $0.hasPrefix("resolved-") && $0.hasSuffix(".yaml") }
        for file in files {
            let configuration = try ClusterConfiguration.load(path: file.path)
            let controllers = directory.resolvedConfiguration(of: configuration.controller.name)
            if file.lastPathComponent == controllers.lastPathComponent { return configuration }
        }
        throw RoleFailure(
            .usage,
            "\(path) is not the run directory of a controller: it has no resolved-NAME.yaml of the node that is one")
    }

    /// The responses of every complete evaluation with the planned number of samples.
    private static func samples(in directory: RunDirectory) throws -> [UInt64: [ReportedSample]] {
        let evaluations = directory.url.appending(path: "evaluations")
        guard FileManager.default.fileExists(atPath: evaluations.path) else { return [:] }
        var samples: [UInt64: [ReportedSample]] = [:]
        for file in try self.files(in: evaluations, { $0.hasPrefix("step-") && $0.hasSuffix(".jsonl") }) {
            let name = file.deletingPathExtension().lastPathComponent.dropFirst("step-".count)
            guard let step = UInt64(name) else { continue }
            samples[step] = try self.samples(of: file)
        }
        return samples
    }

    private static func samples(of file: URL) throws -> [ReportedSample] {
        let text: Data
        do {
            text = try Data(contentsOf: file)
        } catch {
            throw RoleFailure(.io, "cannot read \(file.path): \(error.localizedDescription)")
        }
        let decoder = JSONDecoder()
        return try text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated().compactMap {
            index, line in
            guard !line.isEmpty else { return nil }
            do {
                let record = try decoder.decode(EvaluationRecord.self, from: line)
                return ReportedSample(
                    problem: UInt64(record.problem), isGreedy: record.greedy, reward: Double(record.reward),
                    prompt: record.prompt, response: record.response)
            } catch {
                throw RoleFailure(.data, "\(file.path):\(index + 1): not a sample of an evaluation: \(error)")
            }
        }
    }

    private static func files(in directory: URL, _ isMeant: (String) -> Bool) throws -> [URL] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: directory.path).filter(isMeant).sorted().map {
                directory.appending(path: $0)
            }
        } catch {
            throw RoleFailure(.io, "cannot read \(directory.path): \(error.localizedDescription)")
        }
    }
}
