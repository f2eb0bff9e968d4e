/// The style sheet: light, dark and paper.
enum HTMLStyle {
  static var text: String {
    palette(light: true) + "@media (prefers-color-scheme: dark) {\n\(palette(light: false))}\n" + rules
      + "@media print {\n\(palette(light: true))\(print)}\n"
  }

  /// Shifts from odd (0) to highly even (4), along the colour map of the heat map.
  private static func palette(light: Bool) -> String {
    let shades = (0..<5).map { index -> String in
      let t = light ? 0.06 + 0.135 * Double(index) : 0.98 - 0.135 * Double(index)
      return "--v\(index): \(ColorMap.hexadecimal(t));"
    }
    let colors = light ? self.light : dark
    return ":root { \(colors) \(shades.joined(separator: " ")) }\n"
  }

  private static let light = """
    --page: #ffffff; --panel: #f5f7f9; --ink: #1a1f26; --soft: #55606d; --line: #cdd4dc; --grid: #e6eaee; \
    --good: #10683f; --fair: #8a5200; --bad: #b3261e; --clean: #ffffff; \
    --c1: #1f6db3; --c2: #c4511a; --c3: #0b7a66; --c4: #9a4a9c; --c5: #8a6d00; --c6: #5d6b79;
    """
  private static let dark = """
    --page: #13171c; --panel: #1b2027; --ink: #e4e8ed; --soft: #a3adb9; --line: #3b444f; --grid: #29313a; \
    --good: #5fcf94; --fair: #e9b25a; --bad: #ff8f85; --clean: #13171c; \
    --c1: #6aaeea; --c2: #f0935c; --c3: #4cc4ac; --c4: #d494d6; --c5: #d6b640; --c6: #98a6b5;
    """

  private static let rules = """
    :root { color-scheme: light dark; }
    * { box-sizing: border-box; }
    body { margin: 0; background: var(--page); color: var(--ink); line-height: 1.55; font-size: 16px;
      font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", Arial, sans-serif;
      -webkit-text-size-adjust: 100%; }
    main { max-width: 1120px; margin: 0 auto; padding: 40px 32px 64px; }
    h1 { font-size: 1.75rem; line-height: 1.25; font-weight: 650; margin: 0 0 6px; overflow-wrap: anywhere; }
    h2 { font-size: 1.3rem; font-weight: 650; margin: 56px 0 4px; padding-top: 14px;
      border-top: 1px solid var(--line); }
    h3 { font-size: 1.02rem; font-weight: 650; margin: 28px 0 8px; overflow-wrap: anywhere; }
    p { margin: 0 0 10px; max-width: 72ch; }
    code { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: 0.88em;
      overflow-wrap: anywhere; unicode-bidi: isolate; }
    .soft, .subtitle { color: var(--soft); }
    .soft { font-size: 0.9rem; }
    .good { color: var(--good); } .fair { color: var(--fair); } .bad { color: var(--bad); }
    td .good, td .fair, td .bad { white-space: nowrap; }
    dl { margin: 14px 0; border: 1px solid var(--line); border-radius: 8px; background: var(--panel); }
    dl > div { display: grid; grid-template-columns: 190px 1fr; gap: 4px 20px; padding: 12px 18px; }
    dl > div + div { border-top: 1px solid var(--line); }
    dt { color: var(--soft); font-weight: 600; }
    dd { margin: 0; min-width: 0; overflow-wrap: anywhere; max-width: 76ch; }
    dd ul { margin: 6px 0 0; padding-left: 20px; }
    figure { margin: 28px 0 0; display: grid; grid-template-columns: minmax(0, 700px) minmax(0, 1fr); gap: 10px 36px;
      align-items: start; }
    figcaption { font-size: 0.93rem; color: var(--soft); padding-top: 4px; }
    figcaption b, .figtitle { color: var(--ink); } .figtitle { font-weight: 600; }
    .formula { font-family: "Latin Modern Roman", Cambria, "Times New Roman", "Noto Serif", serif; font-size: 1rem;
      color: var(--ink); overflow-wrap: anywhere; }
    .drawing { min-width: 0; }
    .drawing.beside { display: flex; flex-wrap: wrap; gap: 8px 28px; align-items: flex-start; }
    .beside > svg.plot { flex: 0 1 335px; min-width: 0; width: auto; }
    .curve.under { stroke-width: 5; opacity: 0.55; }
    .beside > .scroll { flex: 0 1 auto; }
    svg.plot { display: block; width: 100%; height: auto; overflow: visible; }
    svg.narrow { display: none; }
    svg.stock { position: absolute; }
    .scroll { overflow-x: auto; margin: 10px 0; }
    table { border-collapse: collapse; font-size: 0.9rem; font-variant-numeric: tabular-nums; max-width: 100%; }
    th, td { text-align: left; vertical-align: top; padding: 5px 14px 5px 0; border-bottom: 1px solid var(--grid); }
    td code { overflow-wrap: break-word; }
    th { color: var(--soft); font-weight: 600; border-bottom-color: var(--line); }
    .n { text-align: right; }
    .key { display: inline-block; width: 12px; height: 10px; margin-right: 7px; }
    summary { cursor: pointer; color: var(--soft); }
    footer { margin-top: 56px; padding-top: 14px; border-top: 1px solid var(--line);
      color: var(--soft); font-size: 0.88rem; }
    svg text { font-size: 11.5px; fill: var(--soft); font-variant-numeric: tabular-nums; }
    svg .title { fill: var(--soft); } svg .v { fill: var(--ink); }
    svg .title, svg .v, svg .name { paint-order: stroke; stroke: var(--page); stroke-width: 3px;
      stroke-linejoin: round; }
    svg .plate { stroke-width: 4px; font-weight: 600; }
    .axis { stroke: var(--soft); stroke-width: 1; } .grid { stroke: var(--grid); stroke-width: 1; }
    .zero { stroke: var(--ink); stroke-width: 1; stroke-dasharray: 3 3; }
    .mark { stroke: var(--c2); stroke-width: 1; }
    .derived { stroke: var(--ink); stroke-width: 1.2; stroke-dasharray: 5 3; }
    .curve { fill: none; stroke-width: 1.8; stroke-linejoin: round; } .dashed { stroke-dasharray: 5 3; }
    .pale { opacity: 0.3; } .layer { fill-opacity: 0.45; } .veil { fill-opacity: 0.55; }
    .outline { fill: none; stroke: var(--ink); stroke-width: 1.2; }
    .image { fill: none; stroke: var(--soft); stroke-width: 1; stroke-dasharray: 4 3; }
    .clean { fill: var(--clean); stroke: var(--ink); stroke-width: 1; } .bare { fill: none; }
    .safe { fill: var(--good); opacity: 0.1; }
    .square { fill: none; stroke: #000; stroke-width: 1.4; } .square.dash { stroke: #fff; stroke-dasharray: 5 4; }
    .pixels { image-rendering: pixelated; }
    .hollow { fill: none; stroke: var(--soft); stroke-width: 1; }
    .spot { stroke: var(--page); stroke-width: 1; }
    .stem { stroke-width: 1; opacity: 0.45; } .bar { stroke-width: 1.6; } .whisker { stroke-width: 3; opacity: 0.7; }
    .f1 { fill: var(--c1); } .f2 { fill: var(--c2); } .f3 { fill: var(--c3); } .f4 { fill: var(--c4); }
    .f5 { fill: var(--c5); } .f6 { fill: var(--c6); }
    .s1 { stroke: var(--c1); } .s2 { stroke: var(--c2); } .s3 { stroke: var(--c3); }
    .k1 { background: var(--c1); } .k2 { background: var(--c2); } .k3 { background: var(--c3); }
    .k4 { background: var(--c4); } .k5 { background: var(--c5); } .k6 { background: var(--c6); }
    .v0 { fill: var(--v0); } .v1 { fill: var(--v1); } .v2 { fill: var(--v2); } .v3 { fill: var(--v3); }
    .v4 { fill: var(--v4); }
    .w0 { stroke: var(--v0); } .w1 { stroke: var(--v1); } .w2 { stroke: var(--v2); } .w3 { stroke: var(--v3); }
    .w4 { stroke: var(--v4); }
    @media (max-width: 1000px) { figure { grid-template-columns: minmax(0, 1fr); } }
    @media (max-width: 620px) {
      main { padding: 22px 16px 48px; } h1 { font-size: 1.4rem; } h2 { margin-top: 40px; }
      dl > div { grid-template-columns: 1fr; padding: 10px 14px; }
      svg.wide { display: none; } svg.narrow { display: block; margin: 0 auto; }
      th, td { padding-right: 10px; }
    }

    """

  private static let print = """
    @page { margin: 16mm 15mm; }
    :root { color-scheme: light; }
    body { font-size: 10.5pt; -webkit-print-color-adjust: exact; print-color-adjust: exact; }
    main { max-width: none; padding: 0; }
    h2 { margin-top: 26px; } h2, h3 { break-after: avoid; }
    figure { display: block; }
    svg.plot { break-inside: avoid; } figcaption { break-before: avoid; break-inside: avoid; }
    svg.plot.wide { max-width: 150mm !important; }
    .beside > svg.plot { flex-basis: 84mm; } .beside > svg.plot:not(:only-of-type) { flex-basis: 54mm; }
    figure { margin-top: 16px; gap: 4px; } figcaption { font-size: 9.5pt; }
    td, th { padding-top: 3px; padding-bottom: 3px; }
    dl > div, tr { break-inside: avoid; }
    footer { margin-top: 14px; }
    .scroll { overflow: visible; } td code { overflow-wrap: anywhere; }

    """
}
