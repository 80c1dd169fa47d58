package dev.dunlin.bench;

import java.util.ArrayList;
import java.util.List;

/** Samples of one figure. */
public final class Spread {
  private final List<Double> samples = new ArrayList<>();

  public void add(double sample) {
    samples.add(sample);
  }

  public boolean isEmpty() {
    return samples.isEmpty();
  }

  public double median() {
    List<Double> sorted = samples.stream().sorted().toList();
    int middle = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(middle)
        : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
  }

  public double min() {
    return samples.stream().mapToDouble(Double::doubleValue).min().orElse(0);
  }

  public double max() {
    return samples.stream().mapToDouble(Double::doubleValue).max().orElse(0);
  }
}
