package dev.dunlin.core.monitor;

/** JSON's null among a command's arguments, where it is a value like any other. */
public enum JsonNull {
  NULL
}
