import CFCNKernels
import FCNRuntime

/// Memory that a run's next step needs, asked for while it multiplies.
extension WinogradRun {
  /// Cells in a row of the image.
  private func rows(_ range: Range<Int>) -> [Range<Int>] {
    var rows: [Range<Int>] = []
    var first = range.lowerBound
    for index in range where index + 1 == range.upperBound || cells[index + 1].y != cells[first].y {
      rows.append(first..<index + 1)
      first = index + 1
    }
    return rows
  }

  /// The inputs of cells in a slice.
  func ask(_ ahead: inout Prefetch, _ task: Task, _ range: Range<Int>, _ slice: Int, steps: Int) {
    guard isHeld(slice, task), grid.dilation == 1 else { return }
    let map = map(slice, task)
    for row in rows(range) {
      let (first, last) = (cells[row.lowerBound], cells[row.upperBound - 1])
      let (h, w) = (first.y - grid.low.rows, first.x - grid.low.columns)
      let top = max(h, map.h_lo)
      let left = max(w, map.w_lo)
      ahead.add(
        fcn_lines(
          src: map.src + (top - map.h_lo) * map.h_stride + (left - map.w_lo) * Layout.block, blocks: map.blocks,
          block_stride: map.block_stride, rows: min(h + grid.cell + 2, map.h_hi) - top, row_stride: map.h_stride,
          columns: min(last.x - grid.low.columns + grid.cell + 2, map.w_hi) - left, column_stride: Layout.block),
        isWritten: false, steps: steps)
    }
  }

  /// The outputs of cells.
  func ask(_ ahead: inout Prefetch, _ place: fcn_cell_target, _ range: Range<Int>, wide: Int) {
    guard !target.isPlanar, grid.dilation == 1 else { return }
    for row in rows(range) {
      let (first, last) = (cells[row.lowerBound], cells[row.upperBound - 1])
      let top = max(first.y, place.h_lo)
      let left = max(first.x, place.w_lo)
      ahead.add(
        fcn_lines(
          src: place.dst + (top - place.h_lo) * place.h_stride + (left - place.w_lo) * Layout.block, blocks: wide,
          block_stride: place.block_stride, rows: min(first.y + grid.cell, place.h_hi) - top,
          row_stride: place.h_stride, columns: min(last.x + grid.cell, place.w_hi) - left,
          column_stride: Layout.block), isWritten: true, steps: grid.frequencies)
    }
  }
}
