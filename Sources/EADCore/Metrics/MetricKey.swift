/// The name of a figure: in the run log, on the wire, in the status and in every other place.
///
/// What the figures are called, and what they mean, stands in EADTelemetry's catalogue, where producers and readers take
/// their keys from. A name that came from a file or a peer may be one this build does not know.
package struct MetricKey: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let name: String

    package init(name: String) { self.name = name }

    package var description: String { self.name }

    package static func < (lhs: MetricKey, rhs: MetricKey) -> Bool { lhs.name < rhs.name }
}
