import FCNONNX
import Testing

@Suite struct WireScannerTests {
  private func failure(_ bytes: [UInt8], limits: LoaderLimits = LoaderLimits()) -> ONNXError? {
    do throws(ONNXError) { _ = try ModelFile(bytes: bytes, limits: limits) } catch { return error }
    return nil
  }

  @Test func readsTheStructure() throws {
    let file = try ModelFile(bytes: smallModel())
    #expect(file.model.irVersion == 8)
    #expect(file.model.producerName == "test")
    #expect(file.model.opsets.map(\.version) == [17])
    let graph = file.model.graph
    #expect(graph.nodes.map(\.operatorName) == ["Conv", "Relu"])
    #expect(graph.nodes[0].inputs == ["x", "w", "b"])
    guard case .integers([1, 1, 1, 1]) = graph.nodes[0].attributes[0].value else {
      Issue.record("pads")
      return
    }
    guard case .tensor(let type, let dimensions) = graph.inputs[0].type else {
      Issue.record("input type")
      return
    }
    #expect(type.description == "FLOAT")
    #expect(dimensions == [.symbol("N"), .fixed(2), .symbol("H"), .symbol("W")])
  }

  @Test func namesKeepNULAndRepairBadText() throws {
    let bytes = WireWriter.model { graph in
      graph.node("a\0b", "Relu", ["x"], ["y"])
      graph.message(1) {
        $0.block(1, [0xFF, 0x41])
        $0.text(4, "Relu")
      }
    }
    let graph = try ModelFile(bytes: bytes).model.graph
    #expect(graph.nodes[0].name == "a\0b")
    #expect(graph.nodes[1].inputs == ["\u{FFFD}A"])
  }

  @Test func acceptsPackedAndUnpackedLists() throws {
    let packed = WireWriter.message {
      $0.text(1, "pads")
      $0.block(8, [1, 2, 0x80, 1])
      $0.number(20, 7)
    }
    let bytes = WireWriter.model { $0.node("p", "Pad", ["x"], ["y"], attributes: [packed]) }
    guard case .integers([1, 2, 128]) = try ModelFile(bytes: bytes).model.graph.nodes[0].attributes[0].value else {
      Issue.record("packed list")
      return
    }
  }

  @Test func infersTheKindThatOldFilesLeaveOut() throws {
    let old = WireWriter.message {
      $0.text(1, "alpha")
      $0.real(2, 0.5)
    }
    let bytes = WireWriter.model { $0.node("l", "LeakyRelu", ["x"], ["y"], attributes: [old]) }
    guard case .real(0.5) = try ModelFile(bytes: bytes).model.graph.nodes[0].attributes[0].value else {
      Issue.record("kind")
      return
    }
  }

  @Test func dropsUnknownFieldsAndForgedSpans() throws {
    let bytes = WireWriter.model { graph in
      graph.message(5) {
        $0.tensorHead("w", type: 1, dims: [1])
        // A file that brings our private span field must not choose where a tensor's bytes lie.
        $0.message(1000) {
          $0.number(1, 9)
          $0.number(2, 1)
          $0.number(3, 1 << 40)
          $0.number(4, 4)
        }
        $0.block(999, [1, 2, 3])
      }
    }
    let file = try ModelFile(bytes: bytes)
    #expect(file.model.graph.initializers[0].payload.isEmpty)
    #expect(throws: ONNXError.self) { try file.tensor(file.model.graph.initializers[0]) }
  }

  @Test func refusesDamage() {
    let cases: [(String, [UInt8])] = [
      ("empty", []),
      ("no graph", WireWriter.message { $0.number(1, 8) }),
      ("group", WireWriter.message { $0.tag(99, 3) }),
      ("wire type 7", WireWriter.message { $0.tag(99, 7) }),
      ("field 0", [0x00, 0x01]),
      (
        "length beyond the parent",
        WireWriter.message {
          $0.tag(7, 2); $0.varint(100); $0.bytes.append(0)
        }
      ),
      (
        "huge length",
        WireWriter.message {
          $0.tag(7, 2); $0.varint(.max)
        }
      ),
      ("endless number", [0x08] + [UInt8](repeating: 0x80, count: 11)),
      ("65 bits", [0x08] + [UInt8](repeating: 0xFF, count: 9) + [0x7F]),
      ("cut number", [0x08, 0x80]),
      ("wrong wire type", WireWriter.message { $0.real(1, 1) }),
      (
        "graph twice",
        WireWriter.message {
          $0.message(7) { _ in }; $0.message(7) { _ in }
        }
      ),
      ("bad packed list", WireWriter.model { $0.node("p", "P", [], [], attributes: [[0x42, 1, 0x80]]) }),
      ("text", Array("<!DOCTYPE html><html>not a model</html>".utf8)),
    ]
    for (name, bytes) in cases {
      #expect(failure(bytes)?.code == .invalid, "\(name)")
    }
  }

  @Test func refusesEveryTruncation() {
    let whole = smallModel()
    for count in 0..<whole.count {
      // A cut between two fields of the outermost message is a well-formed shorter model.
      if failure(Array(whole.prefix(count))) == nil {
        #expect(count > whole.count - 5, "\(count)")
      }
    }
  }

  @Test func boundsDepth() {
    func nested(_ depth: Int) -> [UInt8] {
      var attribute = WireWriter.attribute("leaf", 1)
      for _ in 0..<depth {
        let inner = attribute
        attribute = WireWriter.message {
          $0.text(1, "body")
          $0.message(6) { $0.node("n", "If", [], [], attributes: [inner]) }
          $0.number(20, 5)
        }
      }
      return WireWriter.model { $0.node("n", "If", [], [], attributes: [attribute]) }
    }
    #expect(failure(nested(9)) == nil)
    #expect(failure(nested(10))?.code == .limit)
    #expect(failure(nested(2000))?.code == .limit)
  }

  @Test func boundsNodesMessagesTextsAndSize() {
    func limits(_ change: (inout LoaderLimits) -> Void) -> LoaderLimits {
      var limits = LoaderLimits()
      change(&limits)
      return limits
    }
    let model = smallModel()
    #expect(failure(model, limits: limits { $0.nodes = 1 })?.code == .limit)
    #expect(failure(model, limits: limits { $0.messages = 10 })?.code == .limit)
    #expect(failure(model, limits: limits { $0.fields = 10 })?.code == .limit)
    #expect(failure(model, limits: limits { $0.skeletonBytes = 100 })?.code == .limit)
    #expect(failure(model, limits: limits { $0.fileBytes = model.count - 1 })?.code == .limit)
    let long = WireWriter.model { $0.node(String(repeating: "n", count: 1 << 20 + 1), "Relu", ["x"], ["y"]) }
    #expect(failure(long)?.code == .limit)
  }
}
