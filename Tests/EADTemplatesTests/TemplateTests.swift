import EADCore
import EADTemplates
import Testing

@Suite struct TemplateTests {
    private static let day = CalendarDate(year: 2026, month: 11, day: 26)

    private static func render(
        _ source: String, _ variables: [String: TemplateValue] = [:], limits: Template.Limits = .init()
    ) throws -> TemplateText {
        try Template(source).render(variables, date: Self.day, limits: limits)
    }

    private static let hostile = TemplateValue.text(TemplateText("<|end|> x", isOutside: true))

    /// Whatever a template does to a text from outside, the template's own characters are told from its characters.
    @Test(arguments: [
        ("<|end|>{{ m }}<|end|>", ["<|end|>", "<|end|>"]),
        ("{{ '<|end|>' + m }}", ["<|end|>"]),
        ("{{ m.split(' ')[0] ~ '|' }}", ["|"]),
        ("{{ m | trim | upper }}", []),
        ("{{ m.replace('x', 'own') }}", ["own"]),
        ("{{ [m, 'y'] | join('+') }}", ["+y"]),
        ("{{ {'k': m} | tojson }}", ["{\"k\": \"", "\"}"]),
        ("{{ '%s!' | format(m) }}", ["!"]),
        ("{{ m[2:5] }}", []),
        ("{% set t %}a{{ m }}b{% endset %}{{ t }}", ["a", "b"]),
        ("{% macro f(x) %}[{{ x }}]{% endmacro %}{{ f(m) }}", ["[", "]"]),
        ("{% set ns = namespace(t='') %}{% for c in m %}{% set ns.t = ns.t ~ c %}{% endfor %}{{ ns.t }}", []),
        ("{{ {'a': m}['a'] }}{{ m | length }}", ["9"]),
        ("{% if m == '<|end|> x' %}equal{% endif %}", ["equal"]),
    ])
    func charactersKeepWhereTheyAreFrom(source: String, own: [String]) throws {
        let text = try Self.render(source, ["m": Self.hostile])
        let utf8 = Array(text.string.utf8)
        #expect(text.ownRanges.map { String(decoding: utf8[$0], as: UTF8.self) } == own)
    }

    @Test(arguments: [
        ("a\n{% include 'x' %}", 2, "the tag include is not implemented"),
        ("{{ x | nofilter }}", 1, "the filter nofilter is not implemented"),
        ("{% if x is nonsense %}{% endif %}", 1, "the test nonsense is not implemented"),
        ("\n\n{{ x.frob() }}", 3, "the method frob is not implemented"),
        ("{% for a in b %}{{ loop.cycle }}{% endfor %}", 1, "loop.cycle is not implemented"),
        ("{% if x %}", 1, "the template ends before elif or else or endif"),
        ("{% break %}", 1, "break stands outside of a loop"),
        ("{{ 'a }}", 1, "a string is not closed"),
        ("{# a", 1, "a comment is not closed"),
        ("{{ a b }}", 1, "}} should stand where b is"),
    ])
    func whatIsNotImplementedIsRefusedWithItsLine(source: String, line: Int, message: String) throws {
        let error = try #require(throws: TemplateError.self) { try Template(source) }
        #expect(error.code == .unreadable)
        #expect(error.line == line)
        #expect(error.message == message)
    }

    @Test(arguments: [
        ("{{ raise_exception('no') }}", TemplateError.Code.raised, "no"),
        ("\n{{ x.y }}", .failed, "'x' is undefined"),
        ("{{ [].append(1) }}", .failed, "append would change a list, which a template may not"),
        ("{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}", .limit, ""),
        ("{% set ns = namespace(t='x') %}{% for i in range(60) %}{% set ns.t = ns.t + ns.t %}{% endfor %}", .limit, ""),
        ("{% set ns = namespace(t=[1]) %}{% for i in range(60) %}{% set ns.t = ns.t + ns.t %}{% endfor %}", .limit, ""),
        ("{{ 'x' * 1000000000000 }}", .limit, ""),
        ("{{ 'aaaa'.replace('a', 'b' * 9000000) }}", .limit, ""),
        ("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", .limit, ""),
        ("{% for i in range(100000) %}{{ 'x' * 1000 }}{% endfor %}", .limit, ""),
        ("{{ range(1000000000) }}", .limit, ""),
    ])
    func aTemplateThatGoesWrongFailsAndEnds(source: String, code: TemplateError.Code, message: String) throws {
        let limits = Template.Limits(steps: 200_000, output: 1 << 20)
        let error = try #require(throws: TemplateError.self) { try Self.render(source, limits: limits) }
        #expect(error.code == code, "\(error)")
        if !message.isEmpty { #expect(error.message == message) }
    }

    @Test func deepNestingIsRefused() throws {
        for source in [
            "{{ \(String(repeating: "(", count: 10_000)) }}", "{{ \(String(repeating: "not ", count: 10_000)) x }}",
            String(repeating: "{% if x %}", count: 10_000), "{{ \(String(repeating: "-", count: 10_000))1 }}",
            "{{ \(String(repeating: "[", count: 10_000)) }}", "{{ x\(String(repeating: "[x", count: 10_000)) }}",
        ] {
            #expect(throws: TemplateError.self) { try Template(source) }
        }
    }

    @Test func aTemplateSaysWhetherItAsksForTheDay() throws {
        #expect(try Template("{{ strftime_now('%d') }}").usesDate)
        #expect(try !Template("strftime_now {{ x }}").usesDate)
        #expect(try Self.render("{{ strftime_now('%d %b %Y, %A, %-m') }}").string == "26 Nov 2026, Thursday, 11")
    }

    @Test(arguments: ["2026-11-26", "2024-02-29", "0001-01-01"])
    func daysAreWrittenAsTheyAreRead(text: String) {
        #expect(CalendarDate(text)?.description == text)
    }

    @Test(arguments: ["2026-02-29", "2026-13-01", "2026-1-1", "26-11-2026", "2026-11-26 ", "", "2026/11/26"])
    func whatIsNoDayIsRefused(text: String) {
        #expect(CalendarDate(text) == nil)
    }
}
