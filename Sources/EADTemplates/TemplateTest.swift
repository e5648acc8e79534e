/// What an expression can be asked with `is`.
enum TemplateTest: String, Sendable {
    case defined, undefined, none, string, mapping, iterable, sequence, boolean, number, integer, float, `true`,
        `false`,
        odd, even, divisibleby, callable, `in`, eq, equalto, ne, lt, le, gt, ge, sameas, lower, upper

    /// How many values it is given besides the one that is asked about.
    var argumentCount: Int {
        switch self {
        case .divisibleby, .in, .eq, .equalto, .ne, .lt, .le, .gt, .ge, .sameas: 1
        default: 0
        }
    }
}
