package dev.dunlin.bench.net;

import dev.dunlin.bench.Spread;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The samples of one MTU, and what couldn't be sampled. */
final class Sheet {
  private final Map<Figure, Map<Candidate, Spread>> samples = new EnumMap<>(Figure.class);
  private final Map<String, Integer> failures = new TreeMap<>();

  void add(Figure figure, Candidate candidate, double sample) {
    samples
        .computeIfAbsent(figure, f -> new EnumMap<>(Candidate.class))
        .computeIfAbsent(candidate, c -> new Spread())
        .add(sample);
  }

  void fail(Candidate candidate, String what, Throwable why) {
    String label = candidate.label() + ": " + what + ": ";
    failures.merge(label + String.valueOf(why.getMessage()).trim(), 1, Integer::sum);
  }

  Map<Candidate, Spread> of(Figure figure) {
    return samples.getOrDefault(figure, Map.of());
  }

  Optional<Double> median(Figure figure, Candidate candidate) {
    return Optional.ofNullable(of(figure).get(candidate)).map(Spread::median);
  }

  /** The best median among the peers. */
  Optional<Double> bestPeer(Figure figure) {
    Optional<Double> best = Optional.empty();
    for (Candidate candidate : of(figure).keySet()) {
      Optional<Double> median = median(figure, candidate);
      if (candidate.role() == Candidate.Role.PEER && median.isPresent()) {
        double value = median.get();
        best = best.filter(other -> !figure.isBetter(value, other)).or(() -> Optional.of(value));
      }
    }
    return best;
  }

  Optional<Double> ratio(Figure figure, Candidate candidate) {
    Optional<Double> best = bestPeer(figure).filter(value -> value > 0);
    return median(figure, candidate).flatMap(value -> best.map(peer -> value / peer));
  }

  /** Each failure once, with how often it came. */
  List<String> failures() {
    List<String> lines = new ArrayList<>();
    failures.forEach(
        (what, times) -> lines.add(what + (times > 1 ? " (" + times + " times)" : "")));
    return lines;
  }
}
