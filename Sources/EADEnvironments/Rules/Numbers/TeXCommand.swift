/// What a command of TeX does to the number beside it.
enum TeXCommand {
    /// Shows its argument as it is.
    static let formatting: Set<String> = [
        "text", "textbf", "textit", "textrm", "texttt", "mathbf", "mathrm", "mathit", "mathsf", "mathtt", "mbox", "bm",
        "boldsymbol", "bf", "rm", "left", "right", "big", "Big", "bigl", "bigr", "Bigl", "Bigr", "displaystyle",
        "textstyle",
    ]

    /// Says that its argument is the answer.
    static let boxes: Set<String> = ["boxed", "fbox"]

    /// Separates statements.
    static let separating: Set<String> = [
        "approx", "to", "rightarrow", "Rightarrow", "longrightarrow", "Longrightarrow", "implies", "therefore", "quad",
        "qquad", "item", "newline", "begin", "end", "hline", "iff", "Leftrightarrow",
    ]

    /// Marks a unit after a number.
    static let units: Set<String> = ["circ", "degree", "percent", "mathrm", "text", "textrm", "mbox", "textdegree"]
}
