/// The geometry of a network, read from its graph: receptive field, shifts, borders, sizes and exact tiling.
///
/// Positions and sizes are in samples: of the input for `period.input`, `receptiveField` and `sizes`, of the output for
/// `period.output`, `contamination` and `tiling.halo`. Everything static is an exact integer. Source: the definitions
/// are in the article <doc:Geometry>.
public struct GeometryReport: Sendable {
  /// For which shifts a network is equivariant along an axis, away from borders.
  public enum Verdict: String, Sendable, CaseIterable {
    /// A shift of the input by any number of samples shifts the output by as many.
    case everyShift = "every-shift"
    /// A shift by any number of samples shifts the output by a multiple: the output grid is finer.
    case finerGrid = "finer-grid"
    /// Only shifts by multiples of `period.input` have a matching output shift.
    case lattice
    /// Tied to a position, to the image size, or mirrored.
    case anchored
    /// Every output depends on the whole axis.
    case global
    /// Depends on data, or uses an operator that is not known.
    case unknown
  }

  /// An input shift by `input` samples gives an output shift by `output` samples.
  public struct Period: Sendable, Hashable {
    public var input: Int
    public var output: Int
  }

  /// The input samples that an output sample depends on, for each phase of the output grid.
  public struct ReceptiveField: Sendable, Hashable {
    /// Smallest and largest number of samples over the phases.
    public var minimum: Int
    public var maximum: Int
    /// Relative to the input sample ⌊o·P/Q⌋ of output o; one per phase o mod Q; nil: depends on no input.
    public var phases: [ClosedRange<Int>?]
  }

  /// How deep what lies beyond the image reaches into the output: the first `low` and the last `high` samples.
  public struct Contamination: Sendable, Hashable {
    public var low: Int
    public var high: Int
    /// The image size that this holds for, and the output size there.
    public var size: Int
    public var outputSize: Int?
    /// Each kind of border on its own: zero, ignored, constant, edge, reflect, wrap.
    public var causes: [Share]
    /// Each node on its own, in graph order.
    public var nodes: [Share]

    public struct Share: Sendable, Hashable {
      /// Empty for a cause as a whole.
      public var node: String
      public var cause: String
      public var low: Int
      public var high: Int
    }
  }

  /// A node where the period grows, or shrinks.
  public struct Breaker: Sendable, Hashable {
    public var node: String
    public var from: Int
    public var to: Int
  }

  public struct Reason: Sendable, Hashable {
    public var node: String
    public var reason: String
  }

  /// Period and receptive field behind one node.
  public struct GrowthStep: Sendable, Hashable {
    public var node: String
    public var operatorName: String
    public var period: Period
    public var minimum: Int
    public var maximum: Int
  }

  /// One output along one axis of an input.
  public struct Axis: Sendable {
    /// D, H or W.
    public var name: String
    public var verdict: Verdict
    /// Nil where the verdict is global or unknown.
    public var period: Period?
    public var receptiveField: ReceptiveField?
    public var contamination: Contamination
    public var breakers: [Breaker]
    /// Nodes where the period shrinks.
    public var relievers: [Breaker]
    public var reasons: [Reason]
    public var growth: [GrowthStep]
  }

  /// An image input beyond the first.
  public struct Input: Sendable {
    public var name: String
    public var axes: [Axis]
  }

  public struct Output: Sendable {
    public var name: String
    /// Along the axes of the first image input.
    public var axes: [Axis]
    public var inputs: [Input]
  }

  /// Sizes n ≥ `minimum` with n mod `step` in `residues`.
  public struct SizeClass: Sendable, Hashable {
    public var minimum: Int
    public var step: Int
    public var residues: [Int]
  }

  /// Which image sizes the network takes along one axis.
  public struct Sizes: Sendable, Hashable {
    public var axis: String
    /// Every node accepts its inputs; nil: no rule found.
    public var runs: SizeClass?
    /// Also no sample is left unread by a strided window and no crop is off centre.
    public var seamless: SizeClass?
  }

  /// How to cut an image into tiles whose results, run alone by any runtime, equal that of the whole image: tiles begin
  /// at multiples of `originMultiple`, have n ≡ N modulo it, and give up `low` and `high` outputs at sides that are not
  /// sides of the image.
  public struct Tiling: Sendable {
    public var isExact: Bool
    public var axes: [Axis]
    /// The nodes that forbid it.
    public var refusals: [Reason]

    public struct Axis: Sendable, Hashable {
      public var name: String
      public var originMultiple: Int
      /// Output samples at the low side (front, top, left) and at the high side.
      public var low: Int
      public var high: Int
    }
  }

  public var model: String
  /// The first image input.
  public var input: String
  /// D, H, W as far as they exist.
  public var axisNames: [String]
  /// The image size that contamination speaks of.
  public var size: [Int]
  public var outputs: [Output]
  public var sizes: [Sizes]
  public var tiling: Tiling
  /// Seconds that the derivation took.
  public var seconds: Double
  /// What experiments say of it; nil unless measured.
  public var measurement: GeometryMeasurement?
}
