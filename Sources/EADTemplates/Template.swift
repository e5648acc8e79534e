package import EADCore

/// A chat template: a program in the part of Jinja that real templates use, with the meaning it has in transformers.
///
/// It is other people's program: it can compute a text and nothing else, within limits of steps, depth and output.
package struct Template: Sendable {
    /// How much a rendering may do.
    package struct Limits: Hashable, Sendable {
        package var steps: Int
        /// In characters, for any text that is made.
        package var output: Int

        package init(steps: Int = 4_000_000, output: Int = 16 << 20) {
            self.steps = steps
            self.output = output
        }
    }

    private let statements: [TemplateStatement]
    /// The names that it asks for.
    package let names: Set<String>

    /// Whether what it makes of a conversation may depend on the day.
    package var usesDate: Bool { self.names.contains(TemplateFunction.strftime_now.rawValue) }

    /// - Throws: `TemplateError` with the line of what is wrong or not implemented.
    package init(_ source: String) throws(TemplateError) {
        let tokens = try TemplateLexer.tokens(of: source)
        (self.statements, self.names) = try TemplateParser.statements(of: tokens)
    }

    /// Renders the template.
    ///
    /// - Parameters:
    ///   - variables: What the names in the template stand for.
    ///   - date: What `strftime_now` takes for the time.
    package func render(
        _ variables: [String: TemplateValue], date: CalendarDate, limits: Limits = Limits()
    ) throws(TemplateError) -> TemplateText {
        let globals = TemplateScope(in: nil)
        for function in TemplateFunction.allCases { globals[function.rawValue] = .function(function) }
        for (name, value) in variables { globals[name] = value }
        var interpreter = TemplateInterpreter(date: date, limits: limits)
        _ = try interpreter.run(self.statements, TemplateScope(in: globals))
        return interpreter.output
    }
}
