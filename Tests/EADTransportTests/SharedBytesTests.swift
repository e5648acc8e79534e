import EADTransport
import Testing

@Suite struct SharedBytesTests {
    @Test func aSliceSharesItsMemory() {
        let whole = SharedBytes([1, 2, 3, 4, 5])
        let part = whole.slice(1..<4)
        #expect(part.array == [2, 3, 4])
        #expect(part.slice(2..<3).array == [4])
        #expect(part.slice(0..<0).count == 0)
        let distance = whole.withUnsafeBytes { outer in
            part.withUnsafeBytes { inner in (inner.baseAddress ?? outer.baseAddress!) - outer.baseAddress! }
        }
        #expect(distance == 1)
    }

    @Test func equalBytesAreEqual() {
        #expect(SharedBytes([1, 2]) == SharedBytes([0, 1, 2]).slice(1..<3))
        #expect(SharedBytes([1, 2]) != SharedBytes([1, 2, 3]))
        #expect(Set([SharedBytes([7]), SharedBytes([7])]).count == 1)
        #expect(SharedBytes([]) == SharedBytes(count: 0) { _ in })
    }

    @Test func bytesThatWereNotFilledAreZero() {
        #expect(SharedBytes(count: 4) { $0[1] = 9 }.array == [0, 9, 0, 0])
    }
}
