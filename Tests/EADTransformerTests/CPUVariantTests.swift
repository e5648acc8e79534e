import EADEngine
import Testing

@testable import EADTransformer

struct CPUVariantTests {
    @Test func theFastestIsTakenUnlessOneIsNamed() throws {
        #expect(CPUVariant.supported.first == .portable)
        #expect(try CPUVariant.named(nil) == CPUVariant.supported.last)
        #expect(try CPUVariant.named("portable") == .portable)
    }

    @Test(arguments: ["", "AVX2", "sse9", "avx512 "])
    func anUnknownNameIsAnErrorThatListsTheKnown(name: String) throws {
        let error = #expect(throws: EngineError.self) { try CPUVariant.named(name) }
        let text = try #require(error).description
        #expect(text.contains("EAD_CPU_VARIANT=\(name)") && text.contains("portable"))
    }
}
