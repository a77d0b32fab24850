/// Running figures with their uncertainty, drawn with characters: a column for each day or span of days, a
/// mark for what is expected and a shade from the low to the high end.
///
///     12 ┤        ░░░●●
///        │   ░░●●●●
///      0 ┼●●●●─────────
///         Nov 24
///           ▲
public struct BandChart: Sendable {
  public struct Band: Sendable {
    let low: Double
    let expected: Double
    let high: Double

    public init(low: Double, expected: Double, high: Double) {
      self.low = low
      self.expected = expected
      self.high = high
    }
  }

  private struct Series {
    let bands: [Band]
    let mark: Character
    let shade: Character
    let style: Style
  }

  private let labels: [String]
  private let height: Int
  private var series: [Series] = []
  private var pointers: [(index: Int, mark: Character)] = []

  /// - Parameters:
  ///   - labels: of the days; some of them are shown below.
  ///   - height: lines of the plot, 3 or more.
  public init(_ labels: [String], height: Int = 9) {
    precondition(!labels.isEmpty && height >= 3, "a chart with something to show")
    self.labels = labels
    self.height = height
  }

  /// Adds a series; it covers those before it.
  public mutating func add(_ bands: [Band], mark: Character, shade: Character, _ style: Style) {
    precondition(bands.count == labels.count, "a band for each label")
    series.append(Series(bands: bands, mark: mark, shade: shade, style: style))
  }

  /// Points to a day from below.
  public mutating func point(to index: Int, _ mark: Character) {
    precondition(labels.indices.contains(index), "a day of the chart")
    pointers.append((index, mark))
  }

  /// The lines, each with its line end, at most as wide as the output, or as 80 columns where there is no
  /// terminal.
  public func text(for output: any TextOutput) -> String {
    let top = max(1, series.flatMap(\.bands).map(\.high).max() ?? 1)
    let marked = [0, (height - 1) / 2, height - 1]
    let scale = Dictionary(
      uniqueKeysWithValues: marked.compactMap { line -> (Int, String)? in
        let value = top * Double(height - 1 - line) / Double(height - 1)
        // Of a few things there is no half.
        guard top >= 10 || value == value.rounded() else { return nil }
        return (line, "\(Int(value.rounded()))")
      })
    let margin = scale.values.map(\.count).max() ?? 1
    let columns = min(labels.count, max(10, (output.width ?? 80) - margin - 3))
    let last = (0..<columns).map { ($0 + 1) * labels.count / columns - 1 }
    var text = ""
    for line in 0..<height {
      let label = scale[line] ?? ""
      text += String(repeating: " ", count: margin - label.count) + label + (label.isEmpty ? " │" : " ┤")
      text += plot(line, last, top, output) + "\n"
    }
    let indent = String(repeating: " ", count: margin + 2)
    text += indent + axis(last) + "\n"
    if !pointers.isEmpty { text += indent + pointing(last) + "\n" }
    return text
  }

  /// One line of the plot; runs of one style are styled together.
  private func plot(_ line: Int, _ last: [Int], _ top: Double, _ output: any TextOutput) -> String {
    var (text, run) = ("", "")
    var style: Style?
    func flush() {
      text += style.map { output.styled(run, $0) } ?? run
      run = ""
    }
    for index in last {
      let (mark, next) = cell(line, index, top)
      if next != style {
        flush()
        style = next
      }
      run.append(mark)
    }
    if style == nil { while run.last == " " { run.removeLast() } }
    flush()
    return text
  }

  private func cell(_ line: Int, _ index: Int, _ top: Double) -> (Character, Style?) {
    var found: (Character, Style?) = (" ", nil)
    func place(_ value: Double) -> Int {
      height - 1 - Int((min(max(value, 0), top) / top * Double(height - 1)).rounded())
    }
    for series in series {
      let band = series.bands[index]
      if (place(band.high)...place(band.low)).contains(line), found.0 == " " {
        found = (series.shade, series.style)
      }
    }
    for series in series where place(series.bands[index].expected) == line {
      found = (series.mark, series.style)
    }
    return found
  }

  private func axis(_ last: [Int]) -> String {
    var text = ""
    for (column, index) in last.enumerated() where column == 0 || column >= text.count + 3 {
      let label = labels[index]
      guard column % 10 == 0, column + label.count <= last.count else { continue }
      text += String(repeating: " ", count: column - text.count) + label
    }
    return text
  }

  private func pointing(_ last: [Int]) -> String {
    var cells = Array(repeating: Character(" "), count: last.count)
    for (index, mark) in pointers { cells[last.firstIndex { $0 >= index } ?? last.count - 1] = mark }
    while cells.last == " " { cells.removeLast() }
    return String(cells)
  }
}
