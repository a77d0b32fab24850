extension Check {
  /// The invariants are constraints of the database; somebody may have dropped or disabled one.
  static let protections = Check(
    name: "protections-are-in-force", invariant: 2,
    rule: "The constraints, unique indexes and triggers that protect the invariants exist and are in force.",
    sql: """
      SELECT NULL, NULL, NULL, NULL,
        kind || ' ' || name || ' of ' || relation || ' is missing, changed or not in force'
      FROM (VALUES
        ('constraint', 'clients', 'clients_pkey', 'PRIMARY KEY (id)'),
        ('constraint', 'clients', 'clients_company_name_key', 'UNIQUE (company_name)'),
        ('constraint', 'leads', 'leads_pkey', 'PRIMARY KEY (id)'),
        ('constraint', 'idempotency_keys', 'idempotency_keys_pkey', 'PRIMARY KEY (principal_id, key)'),
        ('constraint', 'idempotency_claims', 'idempotency_claims_pkey', 'PRIMARY KEY (principal_id, key)'),
        ('constraint', 'signalwire_phone_numbers', 'signalwire_phone_numbers_pkey',
          'PRIMARY KEY (vapi_phone_number_id)'),
        ('constraint', 'signalwire_phone_numbers', 'signalwire_phone_numbers_number_key', 'UNIQUE (number)'),
        ('constraint', 'signalwire_phone_numbers', 'signalwire_phone_numbers_company_fkey',
          'FOREIGN KEY (assigned_broker_company) REFERENCES clients(company_name) ON UPDATE CASCADE'),
        ('constraint', 'signalwire_phone_numbers', 'signalwire_phone_numbers_assignment_status_known',
          'CHECK'),
        ('constraint', 'signalwire_phone_numbers', 'lease_is_whole', 'CHECK'),
        ('constraint', 'e164', 'number_is_e164', 'CHECK'),
        ('constraint', 'phone_number_ledger', 'phone_number_ledger_lease_is_whole', 'CHECK'),
        ('index', 'signalwire_phone_numbers', 'one_live_lease_per_lead_and_company',
          '(currently_assigned_to, assigned_broker_company) WHERE (currently_assigned_to IS NOT NULL)'),
        ('constraint', 'resource_pool', 'resource_pool_value_key', 'UNIQUE (resource_value)'),
        ('constraint', 'resource_pool', 'resource_has_room', 'CHECK'),
        ('index', 'client_resources', 'unique_client_resource',
          '(client_id, resource_pool_id) WHERE (released_at IS NULL)'),
        ('index', 'client_resources', 'one_client_per_exclusive_resource',
          '(resource_pool_id) WHERE ((released_at IS NULL) AND is_exclusive)'),
        ('index', 'alerts', 'one_open_alert_per_client_and_kind',
          '(client_id, kind) WHERE (cleared_at IS NULL)'),
        ('trigger', 'leads', 'holder_stays', 'BEFORE DELETE OR UPDATE OF id'),
        ('trigger', 'signalwire_phone_numbers', 'changed', 'BEFORE UPDATE'),
        ('trigger', 'signalwire_phone_numbers', 'enters_free', 'BEFORE INSERT'),
        ('trigger', 'signalwire_phone_numbers', 'added', 'AFTER INSERT'),
        ('trigger', 'signalwire_phone_numbers', 'removed', 'BEFORE DELETE'),
        ('trigger', 'signalwire_phone_numbers', 'mirrored', 'AFTER INSERT'),
        ('trigger', 'signalwire_phone_numbers', 'mirrored_move', 'AFTER UPDATE OF assigned_broker_company'),
        ('trigger', 'resource_pool', 'guarded', 'BEFORE INSERT OR DELETE OR UPDATE'),
        ('trigger', 'resource_pool', 'added', 'AFTER INSERT'),
        ('trigger', 'resource_pool', 'changed', 'AFTER UPDATE'),
        ('trigger', 'client_resources', 'guarded', 'BEFORE INSERT OR DELETE OR UPDATE'),
        ('trigger', 'client_resources', 'added', 'AFTER INSERT'),
        ('trigger', 'client_resources', 'changed', 'AFTER UPDATE'),
        ('trigger', 'client_resources', 'followed', 'AFTER INSERT'),
        ('trigger', 'client_resources', 'followed_change', 'AFTER UPDATE'),
        ('index', 'resource_order_values', 'one_order_per_value',
          '(value) WHERE (state <> ''dropped''::text)'),
        ('index', 'resource_order_values', 'one_order_per_resource',
          '(resource_id) WHERE (resource_id IS NOT NULL)'),
        ('trigger', 'resource_orders', 'guarded', 'BEFORE DELETE OR UPDATE'),
        ('trigger', 'resource_orders', 'recorded', 'AFTER INSERT OR UPDATE'),
        ('trigger', 'resource_order_values', 'recorded', 'AFTER INSERT OR DELETE OR UPDATE'),
        ('trigger', 'resource_order_ledger', 'append_only', 'BEFORE DELETE OR UPDATE'),
        ('constraint', 'campaigns', 'campaigns_client_and_name_key', 'UNIQUE (client_id, name)'),
        ('trigger', 'campaigns', 'inherits', 'AFTER INSERT'),
        ('trigger', 'campaigns', 'inherits_anew', 'AFTER UPDATE'),
        ('trigger', 'campaign_selections', 'added', 'AFTER INSERT'),
        ('trigger', 'campaign_selections', 'removed', 'AFTER DELETE'),
        ('trigger', 'client_resources', 'inherited', 'AFTER INSERT'),
        ('trigger', 'client_resources', 'inherited_change', 'AFTER UPDATE'),
        ('trigger', 'resource_pool', 'inherited_change', 'AFTER UPDATE'),
        ('trigger', 'clients', 'inherited_policy', 'AFTER UPDATE OF warmup_policy'),
        ('trigger', 'subscriptions', 'recorded', 'AFTER INSERT OR UPDATE'),
        ('trigger', 'subscriptions', 'stays', 'BEFORE DELETE OR UPDATE OF client_id'),
        ('trigger', 'subscription_ledger', 'append_only', 'BEFORE DELETE OR UPDATE'),
        ('trigger', 'subscription_ledger', 'append_only_truncate', 'BEFORE TRUNCATE'),
        ('trigger', 'resource_ledger', 'append_only', 'BEFORE DELETE OR UPDATE'),
        ('trigger', 'resource_ledger', 'append_only_truncate', 'BEFORE TRUNCATE'),
        ('trigger', 'resource_order_ledger', 'append_only_truncate', 'BEFORE TRUNCATE'),
        ('trigger', 'campaigns', 'guarded', 'BEFORE UPDATE'),
        ('trigger', 'campaign_selections', 'guarded', 'BEFORE UPDATE'),
        ('trigger', 'signalwire_phone_numbers', 'mirrored_removal', 'AFTER DELETE'),
        ('trigger', 'signalwire_phone_numbers', 'mirrored_digits', 'AFTER UPDATE OF number'),
        ('index', 'backorders', 'one_open_backorder_per_client_and_type',
          '(client_id, resource_type) WHERE (closed_at IS NULL)'),
        ('trigger', 'phone_number_ledger', 'append_only', 'BEFORE DELETE OR UPDATE'),
        ('trigger', 'phone_number_ledger', 'append_only_truncate', 'BEFORE TRUNCATE')
      ) AS protection (kind, relation, name, form)
      WHERE NOT CASE kind
        WHEN 'constraint' THEN EXISTS (
          SELECT FROM pg_constraint
          WHERE (conrelid = to_regclass(relation) OR contypid = to_regtype(relation))
            AND conname = name AND convalidated
            AND position(form IN pg_get_constraintdef(oid)) > 0)
        WHEN 'index' THEN EXISTS (
          SELECT FROM pg_index
          WHERE indexrelid = to_regclass(name) AND indrelid = to_regclass(relation)
            AND indisunique AND indisvalid AND indisready
            AND position(form IN pg_get_indexdef(indexrelid)) > 0)
        ELSE EXISTS (
          SELECT FROM pg_trigger
          WHERE tgrelid = to_regclass(relation) AND tgname = name AND tgenabled IN ('O', 'A')
            AND position(form IN pg_get_triggerdef(oid)) > 0)
        END
      """)
}
