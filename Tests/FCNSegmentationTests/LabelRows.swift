import FCNSegmentation

/// A map from rows of digits.
func map(_ rows: String..., classes: Int? = nil) throws -> LabelMap {
  let labels = rows.joined().map { UInt16($0.wholeNumberValue!) }
  return try LabelMap(
    width: rows[0].count, height: rows.count, labels: labels, classCount: classes ?? LabelMap.classes(in: labels))
}
