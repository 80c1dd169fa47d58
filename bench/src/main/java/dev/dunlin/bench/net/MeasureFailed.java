package dev.dunlin.bench.net;

/** One sample couldn't be taken; the run goes on and says so at its end. */
final class MeasureFailed extends RuntimeException {
  private static final long serialVersionUID = 1;

  MeasureFailed(String why) {
    super(why);
  }

  MeasureFailed(String why, Throwable cause) {
    super(why, cause);
  }
}
