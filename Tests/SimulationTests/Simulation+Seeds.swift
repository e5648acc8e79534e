import EADSimulation
import Foundation

extension Simulation {
    /// Raised for a hunt by the environment; a test run of every day takes seconds.
    static let seeds = UInt64(ProcessInfo.processInfo.environment["EAD_SIMULATION_SEEDS"] ?? "") ?? 12
}
