/// Units, and words that are none although they follow a number.
enum Unit {
    /// What may be written onto a number without a space; more letters, such as the x of 7x or the k of 5k, change its
    /// value.
    static let glued: Set<String> = [
        "mm", "cm", "dm", "m", "km", "in", "ft", "yd", "mi", "mg", "g", "kg", "lb", "lbs", "oz", "ml", "mL", "cl", "l",
        "L", "ms", "s", "sec", "min", "h", "hr", "hrs", "am", "pm", "mph", "kph", "Hz", "kHz", "MHz", "GHz", "W", "kW",
        "kWh", "V", "Pa", "kPa", "N", "J", "kJ", "kcal", "cal", "C", "F", "px", "pt", "st", "nd", "rd", "th", "USD",
        "EUR", "GBP", "deg",
    ]

    /// Words after a number that change its value.
    static let scales: Set<String> = [
        "hundred", "hundreds", "hundredth", "hundredths", "thousand", "thousands", "thousandth", "thousandths",
        "million",
        "millions", "millionth", "millionths", "billion", "billions", "trillion", "trillions", "dozen", "dozens",
        "score",
        "tenth", "tenths", "halves", "half", "thirds", "fifths", "sixths", "sevenths", "eighths", "ninths", "squared",
        "cubed", "factorial", "mod", "modulo", "plus", "minus", "divided", "choose", "k", "K", "M", "B", "e",
        "x",
        "lakh", "crore", "pi",
    ]

    /// Numerals of Chinese and Japanese that scale the number before them.
    static let ideographs: Set<Unicode.Scalar> = Set("十百千万萬亿億兆分半".unicodeScalars)
}
