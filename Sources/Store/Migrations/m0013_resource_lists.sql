-- Lists of a kind and status are read in the order of their ids, however rare the status is.
DROP INDEX idx_resource_pool_type_status;
CREATE INDEX idx_resource_pool_type_status ON resource_pool (resource_type, status, id);
