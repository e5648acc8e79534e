import EADCore
package import EADSampling
import EADTelemetry

/// The temperature of each response position, at several steps, as a table for people.
package struct ScheduleTable {
    package let text: String

    /// - Parameters:
    ///   - steps: A column each.
    ///   - until: The last position to show; those before it grow by about a third.
    package init(_ schedule: TemperatureSchedule, steps: [UInt64], until: Int) {
        var positions = [0, 1, 2, 3, 4, 6, 8, 10, 12, 16, 20, 24]
        while let last = positions.last, last < until { positions.append(last * 4 / 3) }
        var rows = [["t"] + steps.map { "s=\($0)" }]
        if case .annealed(let annealed) = schedule, annealed.shape.parameters.contains(.growth) {
            rows.append(["d_s"] + steps.map { (schedule.decay(at: GlobalStep($0)) ?? 0).text(decimals: 0) })
        }
        for position in positions where position <= until {
            rows.append(
                ["\(position)"]
                    + steps.map {
                        Double(schedule.temperature(at: position, step: GlobalStep($0))).text(decimals: 3)
                    })
        }
        self.text = StatusTable.align(rows)
    }
}
