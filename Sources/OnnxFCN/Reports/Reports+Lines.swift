import FCNGraph
import FCNTensor

extension ModelReport {
  /// For people.
  package func lines(why: Bool) -> [String] {
    var lines = ["model      \(name)"]
    lines.append(
      "opsets     "
        + opsets.map { "\($0.domain.isEmpty ? "ai.onnx" : $0.domain) \($0.version)" }.joined(separator: ", "))
    for input in inputs { lines.append("input      \(input)") }
    for output in outputs { lines.append("output     \(output)") }
    lines.append("operators  " + operators.map { "\($0.name) ×\($0.count)" }.joined(separator: ", "))
    lines.append("parameters \(parameters)")
    for (key, value) in metadata { lines.append("metadata   \(key) = \(value.prefix(200))") }
    if let shapes {
      lines.append("at size    " + shapes.map(\.description).joined(separator: ", "))
      if let failure {
        lines.append("           does not run at this size: \(failure)")
      } else {
        lines.append("           output " + outputShapes.map(\.description).joined(separator: ", "))
        if let flops { lines.append("           \(engineering(Double(flops), "FLOP")) direct-equivalent") }
        if let arenaBytes { lines.append("           working memory \(binary(arenaBytes))") }
        if let sizeRule { lines.append("sizes      \(sizeRule.text)") }
      }
    }
    for item in missing {
      let domain = item.domain.isEmpty ? "" : item.domain + "."
      lines.append("unsupported \(item.node) (\(domain)\(item.operatorName), opset \(item.opset)): \(item.reason)")
    }
    if why {
      for kernel in kernels {
        lines.append("\(kernel.node): \(kernel.kernel) → \(kernel.output)")
        for absorbed in kernel.absorbed { lines.append("    with \(absorbed)") }
        for refusal in kernel.refusals { lines.append("    not \(refusal.kernel): \(refusal.reason)") }
      }
    }
    return lines
  }
}

extension BenchReport {
  package func lines() -> [String] {
    var lines: [String] = []
    if !layers.isEmpty {
      lines.append("     ms   share  GFLOP/s  kernel / node")
      for layer in layers {
        let time = short(layer.milliseconds).padded(9)
        let share = "\(short(layer.share * 100)) %".padded(8)
        lines.append("\(time)\(share)\(short(layer.gflops).padded(9))\(layer.kernel)  \(layer.node)")
      }
    }
    lines.append(
      "input \(shapes.map(\.description).joined(separator: ", ")), \(threads) threads, \(isa), "
        + (device == "cpu" ? "" : "\(device), ") + "\(times.count) runs")
    lines.append(
      "load \(short(loadMilliseconds)) ms, prepare \(short(prepareMilliseconds)) ms, "
        + "first \(short(firstMilliseconds)) ms"
    )
    lines.append(
      "median \(short(quantile(0.5))) ms, min \(short(times.min() ?? 0)) ms, p90 \(short(quantile(0.9))) ms, "
        + "\(engineering(Double(flops) / max(1e-9, quantile(0.5)) * 1000, "FLOP/s"))")
    lines.append("arena \(binary(arenaBytes)), peak resident \(binary(peakBytes))")
    return lines
  }
}

extension ComparisonReport {
  package func lines() -> [String] {
    var lines: [String] = []
    if layersCompared > 0 { lines.append("\(layersCompared) layers compared") }
    if let divergence {
      lines.append("first divergence: \(divergence.node): \(divergence.comparison.detail)")
    }
    for row in rows {
      let verdict = row.comparison.isEqual ? "equal within the tolerance" : "DIFFERS"
      lines.append("\(row.value): \(row.backend) against \(row.against): \(verdict), \(row.comparison.detail)")
    }
    return lines
  }
}

extension VerificationReport {
  package func lines() -> [String] {
    files.map { "\($0.sha256)  \($0.path) (\($0.bytes) bytes)" } + [
      "sha256 of everything: \(digest)", "\(nodes) nodes, \(unsupported) unsupported; structure valid",
    ]
  }
}
