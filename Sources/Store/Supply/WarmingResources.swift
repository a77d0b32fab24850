/// What warms up in the pool, or belongs to a domain that does: it can be assigned in time, and is neither
/// ready nor to be ordered again.
enum WarmingResources {
  /// A query for their ids.
  static let ids = """
    WITH warming AS (
      SELECT id FROM resource_pool
      WHERE status = 'warming'
        OR status = 'available' AND warmup_started_at IS NOT NULL AND warmup_completed_at IS NULL)
    SELECT id FROM warming
    UNION
    SELECT m.id FROM warming w JOIN resource_pool m ON m.domain_id = w.id
    WHERE m.status IN ('available', 'warming') AND m.current_clients < m.max_clients
    """
}
