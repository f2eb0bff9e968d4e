package import FCNTensor

/// Dice, Jaccard and losses of a set of pictures: per picture, their mean, and pooled.
///
/// *Pooled* counts all pixels of the set as one picture (the VOC convention); *mean* is the mean over the pictures in
/// which the class occurs. "mean" of a class list is over the classes that have a value.
package struct EvaluationReport: Sendable {
  package let options: EvaluationOptions
  package let images: [ImageMeasures]
  package let pooled: ImageMeasures
  /// What was assumed about the data; for people, on stderr.
  package let notes: [String]

  init(options: EvaluationOptions, images: [ImageMeasures], pooled: ImageMeasures, notes: [String]) {
    self.options = options
    self.images = images
    self.pooled = pooled
    self.notes = notes
  }

  /// The figures of one picture or set.
  package struct Figures: Sendable, Hashable {
    /// Per class; nil where there is no value.
    package var dice: [Double?]
    package var jaccard: [Double?]
    /// Losses per class, empty without scores.
    package var j: [Double?]
    package var j2: [Double?]
    package var accuracy: Double?
    /// Means per pixel, the weighted one divided by the sum of weights.
    package var crossEntropy: Double?
    package var weightedCrossEntropy: Double?
  }

  package func figures(_ measures: ImageMeasures) -> Figures {
    let classes = 0..<options.classCount
    return Figures(
      dice: classes.map { measures.confusion.dice($0, bothEmpty: options.bothEmpty) },
      jaccard: classes.map { measures.confusion.jaccard($0, bothEmpty: options.bothEmpty) },
      j: measures.overlaps.map { $0?.j(epsilon: options.epsilon) },
      j2: measures.overlaps.map { $0?.j2(epsilon: options.epsilon) }, accuracy: measures.confusion.accuracy,
      crossEntropy: measures.crossEntropy?.mean, weightedCrossEntropy: measures.weightedCrossEntropy?.mean)
  }

  /// The mean over pictures of each figure, pictures without a value left out.
  package var meanFigures: Figures {
    let all = images.map(figures)
    func means(_ figure: (Figures) -> [Double?], _ count: Int) -> [Double?] {
      (0..<count).map { label in mean(all.map { figure($0).indices.contains(label) ? figure($0)[label] : nil }) }
    }
    return Figures(
      dice: means(\.dice, options.classCount), jaccard: means(\.jaccard, options.classCount),
      j: means(\.j, pooled.overlaps.count), j2: means(\.j2, pooled.overlaps.count), accuracy: mean(all.map(\.accuracy)),
      crossEntropy: mean(all.map(\.crossEntropy)), weightedCrossEntropy: mean(all.map(\.weightedCrossEntropy)))
  }

  private func name(_ label: Int) -> String {
    options.classNames.isEmpty ? "class \(label)" : options.classNames[label]
  }
}

extension EvaluationReport {
  /// `{"classes", "ignore", "bothEmpty", "ignoredPixels", "notes", "pooled": {…}, "mean": {…},
  /// "images": [{"name", …}]}` where `{…}` is `{"dice": {"mean", "classes": […]}, "jaccard": …,
  /// "accuracy", "j", "j2", "crossEntropy", "weightedCrossEntropy"}`; a figure that does not exist is null or left out.
  package var json: JSONValue {
    [
      "classes": .array((0..<options.classCount).map { .string(name($0)) }), "ignore": JSONValue(options.ignore),
      "bothEmpty": .string(options.bothEmpty.rawValue), "ignoredPixels": .integer(pooled.confusion.ignored),
      "notes": .array(notes.map(JSONValue.string)), "pooled": .object(members(figures(pooled))),
      "mean": .object(members(meanFigures)),
      "images": .array(
        images.map { .object([JSONMember("name", .string($0.name))] + members(figures($0))) }),
    ]
  }

  private func members(_ figures: Figures) -> [JSONMember] {
    func list(_ values: [Double?]) -> JSONValue {
      ["mean": JSONValue(mean(values)), "classes": .array(values.map { JSONValue($0) })]
    }
    var members = [
      JSONMember("dice", list(figures.dice)), JSONMember("jaccard", list(figures.jaccard)),
      JSONMember("accuracy", JSONValue(figures.accuracy)),
    ]
    if !figures.j.isEmpty { members += [JSONMember("j", list(figures.j)), JSONMember("j2", list(figures.j2))] }
    if let value = figures.crossEntropy { members.append(JSONMember("crossEntropy", .number(value))) }
    if let value = figures.weightedCrossEntropy { members.append(JSONMember("weightedCrossEntropy", .number(value))) }
    return members
  }

  /// A table for people: one line per class, then the means and the losses.
  package var lines: [String] {
    let pooled = figures(pooled)
    let mean = meanFigures
    let width = max(8, (0..<options.classCount).map { name($0).count }.max() ?? 0)
    func row(_ title: String, _ values: [Double?]) -> String {
      title.padded(to: width) + values.map { "  " + format($0).padded(to: 12) }.joined().trimmingTrailingSpaces
    }
    func total(_ values: [Double?]) -> Double? { FCNSegmentation.mean(values) }
    let titles = ["dice pooled", "dice mean", "jacc. pooled", "jacc. mean"]
    var lines = ["\(images.count) images, pooled over all pixels and mean over images"]
    lines.append("class".padded(to: width) + titles.map { "  " + $0.padded(to: 12) }.joined().trimmingTrailingSpaces)
    for label in 0..<options.classCount {
      lines.append(
        row(name(label), [pooled.dice[label], mean.dice[label], pooled.jaccard[label], mean.jaccard[label]]))
    }
    lines.append(row("mean", [total(pooled.dice), total(mean.dice), total(pooled.jaccard), total(mean.jaccard)]))
    lines.append("accuracy \(format(pooled.accuracy)) pooled, \(format(mean.accuracy)) mean")
    if !pooled.j.isEmpty {
      lines.append(
        "soft Jaccard loss j \(format(total(pooled.j))), j2 \(format(total(pooled.j2))) "
          + "(pooled, mean over classes, ε \(options.epsilon))")
    }
    if let value = pooled.crossEntropy { lines.append("cross-entropy \(format(value)) per pixel") }
    if let value = pooled.weightedCrossEntropy {
      lines.append("weighted cross-entropy \(format(value)) per unit of weight")
    }
    return lines
  }

  /// Four decimals; "–" without a value.
  private func format(_ value: Double?) -> String {
    guard let value else { return "–" }
    guard value.isFinite, abs(value) < 1e12 else { return "\(value)" }
    let scaled = Int((abs(value) * 10_000).rounded())
    let decimals = String(scaled % 10_000)
    return "\(value < 0 && scaled > 0 ? "-" : "")\(scaled / 10_000)."
      + String(repeating: "0", count: 4 - decimals.count) + decimals
  }
}

extension String {
  fileprivate func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }

  fileprivate var trimmingTrailingSpaces: String {
    var text = self[...]
    while text.last == " " { text.removeLast() }
    return String(text)
  }
}
