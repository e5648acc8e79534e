import EADCore
import Testing

@Suite struct JSONReaderTests {
    @Test func objectsKeepTheirOrderAndNumbersTheirDigits() throws {
        let value = try JSONReader.value(of: #" {"b": 1.50, "a": [true, null, -2e3], "": {}} "#)
        #expect(
            value
                == .object([
                    .init("b", .number("1.50")), .init("a", .list([.flag(true), .null, .number("-2e3")])),
                    .init("", .object([])),
                ]))
        #expect(value["a"] == .list([.flag(true), .null, .number("-2e3")]))
    }

    @Test func escapesStandForTheirCharacters() throws {
        let value = try JSONReader.value(of: #""\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00ü""#)
        #expect(value == .text("\"\\/\u{8}\u{C}\n\r\té😀ü"))
    }

    @Test func keysOfEquivalentCharactersAreDifferent() throws {
        let value = try JSONReader.value(of: "{\"e\u{301}\": 1, \"é\": 2}")
        #expect(value["é"] == .number("2"))
        #expect(value["e\u{301}"] == .number("1"))
    }

    @Test(arguments: [
        "", "{", "[1,]", "{\"a\"}", "{\"a\":1,}", "01", "1.", "1e", "-", "tru", "\"a", "\"\\x\"", "\"\\ud800\"",
        "\"\\ud800\\u0041\"", "\"\\udc00\"", "\"\n\"", "1 2", "nan", "'a'", "\"\\u12",
    ])
    func whatIsNoJSONIsRefused(text: String) {
        #expect(throws: JSONReader.Fault.self) { try JSONReader.value(of: text) }
    }

    @Test func deepNestingIsRefusedInsteadOfOverflowingTheStack() {
        #expect(throws: JSONReader.Fault.self) { try JSONReader.value(of: String(repeating: "[", count: 1 << 20)) }
    }

    @Test func whatIsSetKeepsItsPlace() throws {
        var value = try JSONReader.value(of: #"{"b": 1e-05, "a": [], "c": {"d": [1, "x"]}}"#)
        value["b"] = .integer(2)
        value["a"] = nil
        value["e"] = .flag(true)
        value["f"] = nil
        #expect(value.description == #"{"b":2,"c":{"d":[1,"x"]},"e":true}"#)
        #expect(
            value.indented() == """
                {
                  "b": 2,
                  "c": {
                    "d": [
                      1,
                      "x"
                    ]
                  },
                  "e": true
                }
                """)
    }

    @Test func numbersAreComparedByValueWhereThatIsAsked() throws {
        let numbers = try JSONReader.value(of: "[1, 1.0, 1e0, 1.5, 1e99]")
        guard case .list(let elements) = numbers else { return }
        #expect(elements.map(\.wholeNumber) == [1, 1, 1, nil, nil])
        #expect(elements.map(\.integer) == [1, nil, nil, nil, nil])
        #expect(elements.map(\.real) == [1, 1, 1, 1.5, 1e99])
    }
}
