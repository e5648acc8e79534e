package import EADCore

/// Tests may write names as they stand in files.
extension MetricKey: ExpressibleByStringLiteral {
    package init(stringLiteral name: String) { self.init(name: name) }
}
