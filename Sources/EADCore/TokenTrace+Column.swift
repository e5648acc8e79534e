extension TokenTrace {
    /// A number that is recorded of every token.
    ///
    /// To add a column: a case here with its domain and what its absence means, and its value where the engine reads a
    /// draw, which does not compile without. The case's name is the column's name on the wire and in journals, and stays.
    package enum Column: String, Hashable, Sendable, CaseIterable, CustomStringConvertible {
        /// tau_t the token was drawn at; 0 if greedily.
        case temperature
        /// log mu(token): natural log-probability under the law it was drawn from (after tau, top-k, top-p, min-p); 0 if
        /// greedily.
        case behaviourLogProb
        /// log pi(token): natural log-probability under the same policy version at tau = 1 without filters.
        ///
        /// A bit-exact engine computes the same bits when it trains.
        case policyLogProb
        /// The entropy of pi at the token, at tau = 1 without filters, in nats.
        case policyEntropy
        /// The entropy of mu at the token, in nats; 0 if drawn greedily.
        case behaviourEntropy

        /// The numbers it may hold, all of them finite.
        package var domain: ClosedRange<Float> {
            switch self {
            case .temperature, .policyEntropy, .behaviourEntropy: 0...Float.greatestFiniteMagnitude
            case .behaviourLogProb, .policyLogProb: -Float.greatestFiniteMagnitude...0
            }
        }

        /// What a record without the column says of each of its tokens; nil if no record may lack it.
        ///
        /// A column that is added has one: the meaning of records that were written before it.
        package var absent: Float? {
            switch self {
            case .temperature: 1
            case .behaviourLogProb, .policyLogProb, .policyEntropy, .behaviourEntropy: nil
            }
        }

        package var description: String { self.rawValue }
    }
}
