/// What experiments on a network say about its derived geometry. Errors are relative to the standard deviation σ of the
/// output unless said otherwise.
public struct GeometryMeasurement: Sendable {
  public enum Status: String, Sendable, CaseIterable {
    case confirmed
    /// It holds, and a smaller bound would have held in this experiment too.
    case loose
    case contradicted
    /// Not tested, for the reason given.
    case skipped
  }

  /// One static statement and the outcome of its test.
  public struct Claim: Sendable, Hashable {
    public var output: String
    public var axis: String
    /// E.g. `shift by 16 gives shift by 16`.
    public var statement: String
    public var status: Status
    public var detail: String

    /// One line.
    public var text: String {
      let place = [output, axis].filter { !$0.isEmpty }.joined(separator: " ")
      return
        "\(status.rawValue): \(place.isEmpty ? "" : place + ": ")\(statement)\(detail.isEmpty ? "" : " – " + detail)"
    }
  }

  /// The error of one shift along one axis: output of the shifted image against the shifted output.
  public struct ShiftError: Sendable, Hashable {
    public var output: String
    public var axis: String
    /// Input samples.
    public var shift: Int
    /// Output samples; the better of the two neighbours where no whole number fits.
    public var outputShift: Int
    public var isWhole: Bool
    /// Over outputs free of the border in both images: largest and root mean square, in σ.
    public var maximum: Double
    public var rms: Double
    /// Bootstrap interval of 95 % of the rms over the samples; nil below 8 samples.
    public var rmsInterval: ClosedRange<Double>?
    /// Share of equal labels (arg max over channels, or the sign of one channel).
    public var agreement: Double
    /// Root mean square and agreement over the whole overlap, borders included.
    public var overlapRMS: Double
    public var overlapAgreement: Double
  }

  /// |crop alone − crop inside a larger image| by distance to one border, in σ.
  public struct BorderProfile: Sendable, Hashable {
    public var output: String
    public var axis: String
    /// `low` or `high`.
    public var side: String
    /// The derived depth: zero from here on.
    public var depth: Int
    /// By distance 0, 1, 2 …
    public var maximum: [Double]
    public var mean: [Double]
    public var p99: [Double]
  }

  /// Mean |∂y/∂x| around an output position, summed over channels. Source: Luo et al. 2016.
  public struct EffectiveField: Sendable {
    public var output: String
    /// Phase of the output position per axis.
    public var phase: [Int]
    /// Rows and columns of `map` (a volume is summed over depth), relative to the input sample below the output.
    public var rows: ClosedRange<Int>
    public var columns: ClosedRange<Int>
    /// In C order; the theoretical receptive field is exactly this box.
    public var map: [Double]
    /// Samples averaged.
    public var samples: Int
    /// Per axis D, H, W, in samples.
    public var standardDeviation: [Double]
    public var centroid: [Double]
    /// Side of the smallest centred square with 95.45 % of the sum, and its ratio to the mean theoretical side.
    public var side: Int
    public var ratio: Double
    /// Samples above 4.55 % of the largest value.
    public var count: Int
    /// Of a Gaussian with the same mean and deviation.
    public var gaussianFit: Double
  }

  /// Where the samples came from: picture names, or `noise, seed N`.
  public var source: String
  public var samples: Int
  /// The image size of the experiments.
  public var size: [Int]
  public var claims: [Claim]
  public var shifts: [ShiftError]
  public var borders: [BorderProfile]
  public var fields: [EffectiveField]
  public var seconds: Double

  public var contradictions: [Claim] { claims.filter { $0.status == .contradicted } }
}
