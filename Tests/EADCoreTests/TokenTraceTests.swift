import EADCore
import EADTestKit
import Testing

@Suite struct TokenTraceTests {
    private let whole = TokenTrace.filled([7, 0, 9])

    @Test(arguments: TokenTrace.Column.allCases) func everyColumnHasANumberPerToken(column: TokenTrace.Column) {
        #expect(self.whole[column].count == 3 && self.whole.fault() == nil)
        var trace = self.whole
        trace[column].removeLast()
        #expect(trace != self.whole)
        #expect(trace.fault() == .length(column, 2, tokens: 3))
        trace = TokenTrace(tokens: self.whole.tokens)
        #expect(trace[column] == column.absent.map { [$0, $0, $0] } ?? [])
    }

    @Test(arguments: TokenTrace.Column.allCases) func everyNumberIsFiniteAndInItsDomain(column: TokenTrace.Column) {
        for (index, number) in [Float.nan, .infinity, -.infinity].enumerated() {
            var trace = self.whole
            trace[column][index] = number
            #expect(trace.fault() == .notFinite(column, index: index))
        }
        let domain = column.domain
        for number in [domain.lowerBound, domain.upperBound] {
            var trace = self.whole
            trace[column][1] = number
            #expect(trace.fault() == nil)
        }
        for number in [domain.lowerBound.nextDown, domain.upperBound.nextUp] where number.isFinite {
            var trace = self.whole
            trace[column][1] = number
            #expect(trace.fault() == .outsideDomain(column, index: 1))
        }
        if let absent = column.absent { #expect(domain.contains(absent)) }
    }

    @Test func aTraceHasTokensOfTheVocabulary() {
        #expect(TokenTrace().fault() == .isEmpty)
        #expect(self.whole.fault(vocabulary: 10) == nil)
        #expect(self.whole.fault(vocabulary: 9) == .unknownToken(index: 2))
    }

    @Test func columnsGrowTogether() {
        var trace = TokenTrace.filled([7, 0])
        trace.append(9) { self.whole[$0][2] }
        #expect(trace == self.whole && trace.count == 3)
    }
}
